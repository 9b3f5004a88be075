"""The unit's records as mappings: what unit.py decided, in the words people would have used."""
from datetime import date

import quality
from text import text
from unit import END, START, TEAMS, TRENDS, before, iso, months, workday, year

JA_NEJ = ("nej", "ja")


def ja(x):
    return JA_NEJ[bool(x)]


def whole(x):
    """Without what is not there."""
    if isinstance(x, dict):
        return {k: whole(y) for k, y in x.items() if y is not None}
    return [whole(y) for y in x] if isinstance(x, list) else x


class Records:
    """v: {id: {type, created (day, handle), data}} in the order made."""

    def __init__(self, unit):
        self.u, self.v = unit, {}
        self.shares = {}  # (round, question) -> [ja, nej, ej_aktuellt]: what the reports are to show
        self.staff()
        self.providers()
        self.cases()
        self.placements()
        self.decision_lists()
        self.rounds()
        self.quality_work()
        self.notes()

    def put(self, rid, day, by, data):
        data = whole(data)
        data["state"] = data.pop("state", "final")
        self.v[rid] = {"type": rid.split("-")[0], "day": min(day, END), "by": by.handle, "data": data}
        return data

    # --- the unit --------------------------------------------------------------------------------------------

    def staff(self):
        for p in self.u.staff:
            self.put(p.id, p.since - 7, self.u.head, {
                "handle": p.handle if p.until is None else None, "title": p.title, "roles": p.roles, "team": p.team,
                "active_from": iso(p.since), "active_to": iso(p.until) if p.until else None})

    def providers(self):
        r = self.u.stream("provider-texts")
        for v in self.u.providers:
            officer = self.u.of["p"][0].holders[0]
            self.put(v.id, START - 400 + v.number % 200, officer, {
                "name": "HVB Exempelgården %02d" % v.number, "org_no": "000000-%04d" % v.number, "operator": v.operator, "forms": v.forms,
                "permit": {
                    "kind": v.permit, "ref": "8.1.1-%05d/2021" % (10 + v.number) if v.permit == "permit" else None,
                    "target_group": text(r, 120, 300, 900) if r.chance(70) else None, "age_from": v.ages[0], "age_to": v.ages[1], "max_places": v.places,
                    "granted_on": iso(workday(START - 900 + v.number))},
                "frameworks": (["direct_award"] if v.outside else ["framework_city"]) if v.operator == "private" else ["sis"] if v.operator == "state" else ["own"],
                "active": v.active, "placement_stop": True if v.stop else None,
                "placement_stop_reason": "Allvarliga brister vid IVO:s tillsyn; inga nya placeringar förrän de är åtgärdade." if v.stop else None})

    def access(self, c):
        return sorted({p.id for p in (c.handler, c.co, c.manager, self.u.head) if p})

    def cases(self):
        r = self.u.stream("case-texts")
        for c in self.u.cases:
            stage = "closed" if c.closed is not None else "preassessment" if c.inv_open is None else "intervention" if c.inv_close is not None else "investigation"
            d = {"child_ref": c.child, "birth_year": c.birth, "research_sample": c.research, "sex": c.sex if r.chance(96) else None,
                 "protected": True if c.protected else None, "access_list": self.access(c) if c.protected else None,
                 "handler": c.handler.id, "co_handler": c.co.id if c.co else None, "manager": c.manager.id, "team": c.team,
                 "opened_on": iso(c.opened), "channel": c.channel}
            if c.channel in ("concern_report", "police_report"):
                seen = c.opened + (0 if r.chance(80) else 1)
                if seen <= END:
                    d["protection_assessment"] = {"done_on": iso(seen), "immediate_need": ja(r.chance(6))}
            if c.pre is not None:
                d["preassessment"] = {"decided_on": iso(c.pre), "decision": "open" if c.inv_open is not None else "not_open", "child_heard": ja(c.pre_heard)}
                if not c.pre_heard:
                    d["preassessment"]["child_not_heard_motive"] = text(r, 180, 600, 2000)
                if c.pre_ext:
                    d["preassessment"]["extension_reason"] = text(r, 180, 600, 2000)
            if c.inv_open is not None:
                d["investigation"] = {"opened_on": iso(c.inv_open)}
                if c.inv_close is not None:
                    d["investigation"]["closed_on"] = iso(c.inv_close)
                if c.ext is not None:
                    d["investigation"].update(extended_to=iso(c.ext), extension_reason=text(r, 180, 600, 2000))
            d["violence"] = {"suspected": ja(c.violence)}
            if c.violence:
                d["violence"].update(kinds=c.kinds, risk_assessed=ja(c.risk))
                if c.risk:
                    d["violence"].update(risk_assessed_on=iso(c.risk[0]), risk_level=c.risk[1], risk_motive=text(r, 350, 1200, 4000))
            if c.police:
                x = {"k": "p1", "decided_on": iso(c.police.day), "decision": "report" if c.police.report else "no_report",
                     "motive": text(r, 180, 600, 2000), "decided_by": c.manager.id}
                if c.police.report:
                    x["reported_on"] = iso(c.police.reported)
                d["police_decisions"] = [x]
            d["stage"] = stage
            if c.closed is not None:
                d.update(closed_on=iso(c.closed), closed_reason=c.reason)
            self.put(c.id, c.opened, self.u.handler_at(c, c.opened), d)

    # --- placements and what belongs to them ---------------------------------------------------------------------

    def placements(self):
        u, r = self.u, self.u.stream("placement-texts")
        for p in u.placements:
            c, a, active = p.case, p.contract, p.end is None
            hide = True if c.protected else None
            h = {"status": None}
            if p.health_init <= END:
                h = {"status": "initiated", "initiated_on": iso(p.health_init)}
                if p.health == "declined" and p.health_init + 30 <= END:
                    h.update(status="declined", motive=text(r, 180, 600, 2000))
                elif p.health == "performed" and p.health_done <= END:
                    h.update(status="performed", performed_on=iso(p.health_done))
            self.put(p.id, p.start - 8, u.handler_at(c, p.start), {
                "case": c.id, "protected": hide, "provider": p.provider.id, "form": p.form, "legal_basis": p.legal, "framework": p.framework,
                "purpose": text(r, 180, 600, 2000), "acute": p.acute, "acute_motive": text(r, 180, 600, 2000) if p.acute else None,
                "decided_on": iso(p.start - (0 if p.acute else 4)), "approved_by": u.deputy(c.team, p.start).id, "start_on": iso(p.start),
                "planned_end_on": iso(p.planned) if p.planned else None, "designated_worker": c.handler.id if r.chance(60) else None,
                "contract": a.id if a else None, "health_exam": h if h["status"] else None,
                "considerations": [{"k": "c%d" % (i + 1), "considered_on": iso(x), "kind": "omprovning" if p.legal == "lvu_3" else "overvagande",
                                    "outcome": "continue"} for i, x in enumerate(p.considered)] or None,
                "status": "active" if active else "ended", "end_on": None if active else iso(p.end), "end_reason": None if active else p.reason})
            if p.checklist:
                self.checklist(r, p, hide)
        for k in u.checks:
            self.check(r, k)
        for k in u.plans:
            self.plan(r, k)
        for f in u.follow_ups:
            self.follow_up(r, f)
        for a in u.contracts:
            self.contract(r, a)

    def checklist(self, r, p, hide):
        u, k, by = self.u, p.check, self.u.handler_at(p.case, p.start)
        in_time = k is not None and k.day <= p.start
        outside = p.framework == "outside"
        self.put("placement_checklist-syn%04d" % p.number, p.start - 1, by, {
            "placement": p.id, "protected": hide, "framework": p.framework, "filled_by": by.id, "filled_on": iso(before(p.start - 1)),
            "ivo_check": ja(in_time), "ivo_check_ref": k.id if in_time else None,
            "register_check": ja(in_time and k.confirmed), "register_check_ref": k.id if in_time and k.confirmed else None,
            "target_group_fits": "ja", "care_plan_exists": ja(any(x.kind == "care_plan" and x.day <= p.start for x in p.plans)),
            "implementation_plan_booked_on": iso(p.start + 21) if r.chance(70) else None, "child_informed": ja(r.chance(92)), "guardians_informed": r.weighted([("ja", 88), ("nej", 4), ("ej_aktuellt", 8)]),
            "health_exam_initiated": ja(p.health_init <= p.start), "framework_tried": ja(r.chance(90)) if outside else None,
            "framework_motive": text(r, 180, 600, 2000) if outside else None, "procurement_documented": ja(r.chance(95)) if outside else None,
            "contract_signed": "ej_aktuellt" if p.framework == "not_applicable" else ja(r.chance(90)),
            "reviewed_by": u.deputy(p.case.team, p.start).id, "reviewed_on": iso(before(p.start)), "outcome": "approved" if in_time else "approved_remaining",
            "remaining": None if in_time else "Kontroll av IVO-tillstånd görs snarast."})

    def check(self, r, k):
        p = k.placement
        d = {"provider": k.provider.id, "trigger": k.trigger, "placement": p.id if p else None, "protected": True if p and p.case.protected else None,
             "period": k.period, "checked_on": iso(k.day), "checked_by": k.by.id}
        fine = k.trigger != "signal" and not r.chance(7)
        d["ivo_permit"] = {"outcome": "ok" if fine else "deviation", "source": r.weighted([("placeringsstod", 80), ("ivo_contact", 8), ("permit_document", 12)]),
                           "target_group_ok": "ja", "places_ok": r.weighted([("ja", 90), ("ej_aktuellt", 10)]), "criticism": "none" if fine else "minor"}
        if r.chance(60):
            d["ivo_permit"]["evidence"] = "Utdrag ur placeringsstödet %s" % iso(k.day)
        if k.block:
            how = r.weighted([("written_confirmation", 55), ("routine_document", 20), ("site_visit", 10), ("phone", 15)])
            d["register_routine"] = {"outcome": "confirmed" if k.confirmed else r.weighted([("partly", 30), ("not_confirmed", 20), ("no_answer", 50)]), "how": how,
                                     "covers_temps": r.weighted([("ja", 80), ("nej", 20)]), "answered_on": iso(k.day)}
        if not fine or not k.confirmed:
            d.update(decision="approved_with_action", action=text(r, 180, 600, 2000))
        else:
            d["decision"] = "approved"
        d["next_check_on"] = iso(workday(k.day + 170))
        self.put(k.id, k.day, k.by, d)

    def plan(self, r, k):
        p, care = k.placement, k.kind == "care_plan"
        by = self.u.handler_at(p.case, k.day)
        section = lambda: text(r, 300, 1100, 5000)
        names = ("interventions", "contact", "care_goal", "views") if care else ("how_and_when", "follow_up_how", "other_principals", "contact", "board_contact", "views")
        took = r.weighted([("ja", 62), ("delvis", 26), ("nej", 12)])
        self.put(k.id, k.day, by, {
            "kind": k.kind, "case": p.case.id, "protected": True if p.case.protected else None, "placement": p.id, "version": k.version,
            "supersedes": k.earlier.id if k.earlier else None, "drawn_up_on": iso(k.day), "child_took_part": took,
            "child_motive": text(r, 180, 600, 2000) if took == "nej" else None,
            "goals": None if care else [{"k": "m%d" % (i + 1), "goal": text(r, 70, 160, 300), "indicator": text(r, 70, 160, 300) if r.chance(70) else None,
                                         "due_on": iso(k.next)} for i in range(r.among(1, 4))],
            "sections": {n: section() for n in names}, "next_follow_up_on": iso(k.next),
            "approved_by": self.u.deputy(p.case.team, k.day).id if care else None,
            "shared_with_child_on": iso(k.day) if r.chance(80) else None, "shared_with_provider_on": iso(k.day) if r.chance(85) else None})

    def follow_up(self, r, f):
        p, x = f.placement, f.extension
        by = self.u.handler_at(p.case, f.day)
        d = {"case": p.case.id, "protected": True if p.case.protected else None, "placement": p.id,
             "purposes": (["plan"] if f.plans else []) + ["intervention"] + (["extension"] if x or f.ends else []),
             "plans": [k.id for k in f.plans] or None, "contract": p.contract.id if x or f.ends else None, "held_on": iso(f.day),
             "form": r.weighted([("visit", 55), ("digital", 20), ("phone", 15), ("network_meeting", 10)]),
             "participants": (["child"] if f.heard else []) + r.sample(["guardian", "provider", "school", "health", "other"], r.among(1, 4)),
             "child_heard": ja(f.heard), "child_motive": None if f.heard else text(r, 180, 600, 2000), "child_spoken_alone": ja(f.heard and r.chance(80)),
             "goal_results": [{"k": "g%d" % (i + 1), "goal": text(r, 70, 160, 300), "result": r.weighted([("met", 42), ("partly", 40), ("not_met", 12), ("not_applicable", 6)]),
                               "comment": text(r, 120, 400, 900) if r.chance(50) else None} for i in range(r.among(0, 3))] or None,
             "summary": text(r, 700, 2500, 8000), "plan_revision_needed": ja(f.revise), "safety_concern": ja(f.concern),
             "safety_action": text(r, 180, 600, 2000) if f.concern else None, "lex_sarah": r.pick(["no_need", "reported"]) if f.concern else None,
             "contract_terms_met": r.weighted([("ja", 75), ("delvis", 22), ("nej", 3)]) if x or f.ends else None,
             "extension_recommendation": r.weighted([("extend", 80), ("extend_changed", 20)]) if x else "end" if f.ends else None,
             "extension_to": iso(x.to) if x else None, "next_follow_up_on": iso(f.next),
             "reconciled_by": x.by.id if x else None, "reconciled_on": iso(x.day) if x else None}
        self.put(f.id, f.day, by, d)

    def contract(self, r, a):
        p, u = a.placement, self.u
        admin = u.administrator(r, a.day)
        direct = a.procurement == "direct_award"
        rate = r.among(52, 98) * 100
        self.put(a.id, a.day, admin, {
            "placement": p.id, "protected": True if p.case.protected else None, "provider": p.provider.id, "procurement": a.procurement,
            "framework_ref": None if direct else "RA-%d-%02d" % (2022 + a.number % 3, a.number % 40),
            "direct_award": {"motive": text(r, 180, 600, 2000), "estimated_value_sek": rate * 180, "approved_by": u.head.id, "approved_on": iso(a.day)} if direct else None,
            "signed_on": iso(a.day), "from_on": iso(p.start), "initial_to_on": iso(a.initial), "to_on": iso(a.to), "daily_rate_sek": rate, "notice_days": r.pick([7, 14, 30]),
            "extensions": [{"k": "f%d" % (i + 1), "seq": i + 1, "decided_on": iso(x.day), "to_on": iso(x.to), "follow_up": x.follow_up.id if x.follow_up else None,
                            "reconciled_by": x.by.id, "reconciled_on": iso(x.day)} for i, x in enumerate(a.extensions)] or None,
            "status": "active" if p.end is None else "ended"})

    # --- checklists for decision bases ------------------------------------------------------------------------------

    def decision_lists(self):
        """A writer's and a manager's for every closed investigation, further documents up to the number planned."""
        u, r = self.u, self.u.stream("decision-lists")
        jobs = [(c.inv_close, c, "investigation") for c in u.cases if c.inv_close is not None]
        active = [c for c in u.cases if c.inv_close is not None]
        while len(jobs) < u.n(1300):
            c = r.pick(active)
            day = workday(r.among(c.inv_open, c.inv_close))
            if day <= c.inv_close:
                jobs.append((day, c, r.pick(["decision", "follow_up"])))
        jobs.sort(key=lambda j: (j[0], j[1].number, j[2]))
        per_month, n, docs = {}, 0, {}
        lists = []
        for day, c, kind in jobs:
            docs[c.id] = docs.get(c.id, 0) + 1
            ref = "%s-SYN-%05d-%d" % ({"investigation": "UTR", "decision": "BES", "follow_up": "UPP"}[kind], c.number, docs[c.id])
            writer, manager = u.handler_at(c, day), u.deputy(c.team, day)
            heard = self.heard(r, day)
            placed = any(p.start <= day for p in c.placed)
            a = {"child_heard": ja(heard), "child_heard_motive": None if heard else "ja", "info_report": r.weighted([("ja", 85), ("nej", 9), ("ej_aktuellt", 6)]),
                 "info_investigation": r.weighted([("ja", 92), ("nej", 8)]), "info_intervention": r.weighted([("ja", 70), ("nej", 10), ("ej_aktuellt", 20)]),
                 "info_decision": r.weighted([("ja", 80), ("nej", 14), ("ej_aktuellt", 6)]), "communication_boxes": r.weighted([("ja", 82), ("nej", 12), ("ej_aktuellt", 6)]),
                 "child_communicated": r.weighted([("ja", 60), ("nej", 30), ("ej_aktuellt", 10)]), "police_decision": ja(c.police) if c.violence else "ej_aktuellt",
                 "police_motive": "ja" if c.violence and c.police else None, "placed": ja(placed), "health_exam": ja(r.chance(60)) if placed else None,
                 "risk_assessed": ja(c.risk) if c.violence else "ej_aktuellt"}
            if a["child_communicated"] == "nej":
                a["child_not_communicated_motive"] = ja(r.chance(80))
            n += 2
            # drawn up on the day the document was: before the investigation is closed
            w, m = "decision_checklist-syn%05d" % (n - 1), "decision_checklist-syn%05d" % n
            base = {"case": c.id, "protected": True if c.protected else None, "document_kind": kind, "document_ref": ref}
            lists.append((w, m, day))
            self.put(w, day, writer, {"audience": "writer", **base, "filled_by": writer.id, "filled_on": iso(day), "answers": a})
            self.put(m, day, manager, {"audience": "manager", **base, "pair": w, "filled_by": manager.id, "filled_on": iso(day), "answers": dict(a),
                                       "comment": text(r, 120, 600, 3000) if r.chance(25) else None, "outcome": "ok"})
            per_month.setdefault(iso(day)[:7], []).append(m)
        # some were sent back, and written again within ten days
        back = [x for x in lists if x[2] < END - 14]
        for w, m, day in r.sample(back, max(0, u.n(1400) - len(jobs))):
            again, old = workday(day + r.among(2, 6)), self.v[w]["data"]
            n += 1
            self.v[m]["data"]["outcome"] = "returned"
            d = {k: x for k, x in old.items() if k != "state"}
            self.put("decision_checklist-syn%05d" % n, again, next(p for p in u.staff if p.id == old["filled_by"]),
                     {**d, "filled_on": iso(again), "answers": dict(old["answers"])})
        # planted: so many pairs a month do not agree
        for month in sorted(per_month):
            if not iso(START)[:7] <= month <= iso(END)[:7]:
                continue
            for m in r.sample(per_month[month], u.n(12)):
                a = self.v[m]["data"]["answers"]
                k = r.pick(["info_decision", "info_intervention", "info_report", "communication_boxes"])
                a[k] = "nej" if a[k] != "nej" else "ja"
                u.plant("X25", m)

    def heard(self, r, day):
        return self.u.trend(r, "inv_child_heard", day)

    # --- rounds --------------------------------------------------------------------------------------------------------

    def rounds(self):
        u, r = self.u, self.u.stream("rounds")
        self.nreviews, plan = 0, []
        for y in (2024, 2025, 2026):
            for seq, (a, b) in enumerate(((date(y, 4, 1), date(y, 4, 24)), (date(y, 8, 10), date(y, 8, 28)), (date(y, 11, 23), date(y, 12, 11))), 1):
                plan.append((a.toordinal(), b.toordinal(), "self_check", y, seq, u.n(40)))
            for seq, (a, b) in enumerate(((date(y, 5, 20), date(y, 6, 12)), (date(y, 11, 9), date(y, 12, 2))), 1):
                plan.append((a.toordinal(), b.toordinal(), "plan_review", y, seq, u.n(25, 3)))
        plan.append((date(2024, 2, 1).toordinal(), date(2024, 2, 28).toordinal(), "mapping", 2024, 1, u.n(38, 4)))
        plan.append((date(2026, 9, 28).toordinal(), date(2026, 10, 16).toordinal(), "internal_review", 2026, 1, u.n(15, 4)))
        own, hidden = [], []  # rounds that get a planted assignment
        checks = [i for i, x in enumerate(plan) if x[2] == "self_check"]
        for i in range(u.n(6)):
            own.append(checks[i % len(checks)])
        for i in range(u.n(3)):
            hidden.append(checks[(i + 3) % len(checks)])
        last = {}
        order = sorted(range(len(plan)), key=lambda i: plan[i][0])
        for number, i in enumerate(order, 1):
            a, b, kind, y, seq, size = plan[i]
            rid = "review_round-syn%02d" % number
            base = last.get("self_check0") if kind == "internal_review" else last.get(kind)
            self.round(r, rid, a, b, kind, y, seq, size, base, own.count(i), hidden.count(i))
            last[kind] = rid
            last.setdefault(kind + "0", rid)

    def drawn(self, r, a, kind, size):
        """The draw: investigations closed in the four months before, or the placements that go on."""
        u = self.u
        if kind in ("plan_review", "mapping"):
            cases = sorted({p.case for p in u.placements if p.start < a and (p.end is None or p.end > a) and not p.case.protected}, key=lambda c: c.number)
            return r.sample(cases, size)
        cases = [c for c in u.cases if c.inv_close is not None and a - 122 <= c.inv_close < a and not c.protected]
        # violence is drawn first: its questions have a small base
        some = r.sample([c for c in cases if c.violence], min(size, max(2, u.n(15))))
        return some + r.sample([c for c in cases if c not in some], size - len(some))

    def round(self, r, rid, a, b, kind, y, seq, size, base, own, hidden):
        u = self.u
        form = "plans_v1" if kind in ("plan_review", "mapping") else "vinr_v1"
        staff = [u.holder(p, a) for p in u.of["h"]]
        queue, rows = r.shuffled(staff) * (size // len(staff) + 3), []
        taken = {}
        for c in self.drawn(r, a, kind, size):
            who = next(p for p in queue if p.id not in c.all)
            queue.remove(who)
            taken[c.id] = c
            rows.append((c, who))
        if own:  # planted: the case's own handler reviews it
            pool = [c for c in u.cases if c.id not in taken and not c.protected and c.inv_close is not None and c.inv_close < a and
                    u.handler_at(c, a) is c.handler]
            first = {c.handler.id: c for c in reversed(r.shuffled(pool))}
            for c in list(first.values())[:own]:
                rows[rows.index(r.pick(rows[-max(1, len(rows) // 2):]))] = (c, c.handler)
                taken[c.id] = c
                u.plant("X50", (rid, c.id))
        if hidden:
            pool = [c for c in u.cases if c.id not in taken and c.protected and c.inv_close is not None and c.inv_close < a]
            for c in r.sample(pool, hidden):
                who = next(p for p in queue if p.id not in c.all and p is not c.handler)
                free = [k for k, (x, w) in enumerate(rows) if w is not x.handler and not x.protected]
                rows[r.pick(free)] = (c, who)
                taken[c.id] = c
                u.plant("X51", (rid, c.id))
        analysed = b + r.among(10, 20) if b + 20 <= END - 10 else None
        where = {"self_check": "Egenkontroll", "plan_review": "Kollegial granskning av planer", "mapping": "Kartläggning av HVB-ärenden", "internal_review": "Mindre intern granskning"}
        shown = [(t, analysed + r.among(5, 25)) for t in TEAMS] if analysed else []
        shown = [(t, d) for t, d in shown if d <= END]
        coordinator = u.holder(u.of["s"][0], a)
        self.put(rid, a - 10, coordinator, {
            "kind": kind, "label": "%s %d %d" % (where[kind], seq, y), "year": y, "seq": seq, "form": form, "opens_on": iso(a), "closes_on": iso(b),
            "coordinator": coordinator.id, "baseline": base, "sample": {"method": "all" if kind == "mapping" else "random", "planned": size, "seed": "%d-%d" % (y, seq),
            "note": "Skyddade ärenden ingår inte i urvalet."}, "assignments": [{"k": "a%03d" % (i + 1), "case": c.id, "reviewer": w.id, "due_on": iso(b)} for i, (c, w) in enumerate(rows)],
            "status": "presented" if len(shown) == len(TEAMS) else "analysed" if analysed else "closed",
            "analysis": {"done_on": iso(analysed), "findings": text(r, 900, 3000, 10000), "causes": text(r, 350, 1200, 4000)} if analysed else None,
            "presentations": [{"k": "g%d" % (i + 1), "team": t, "held_on": iso(d)} for i, (t, d) in enumerate(shown)] or None})
        answers = self.vinr(r, rid, a, y, seq, kind, rows) if form == "vinr_v1" else [self.plan_answers(r, c, a) for c, _ in rows]
        for (c, who), ans in zip(rows, answers):
            self.nreviews += 1
            day = before(r.among(a + 2, b))
            needs = r.chance(35)
            done = workday(day + r.among(5, 25))
            self.put("case_review-syn%04d" % self.nreviews, day, who, {
                "round": rid, "case": c.id, "protected": True if c.protected else None, "reviewer": who.id, "form": form, "reviewed_on": iso(day), "answers": ans,
                "learning": text(r, 160, 500, 1500) if r.chance(70) else None, "needs_action": ja(needs), "action": text(r, 180, 600, 2000) if needs else None,
                "action_done_on": iso(done) if needs and done <= END else None, "fed_back_on": iso(min(END, day + r.among(1, 6))) if r.chance(85) else None})

    def level(self, r, name, y, seq, kind):
        p = TRENDS[name][y - 2024] + r.among(-6, 6)
        if kind == "self_check" and y == 2025 and seq == 1:
            p -= 16  # many were new that spring
        return max(5, min(98, p))

    def spread(self, r, percent, n):
        yes = (percent * n + 50) // 100
        return r.shuffled([True] * yes + [False] * (n - yes))

    def vinr(self, r, rid, a, y, seq, kind, rows):
        n, out = len(rows), []
        p = {k: self.level(r, k, y, seq, kind) for k in ("decision_motivated", "pre_motive", "inv_child_heard", "best_interests", "child_attitude", "police_decision", "risk_assessed")}
        motivated, heard, best, attitude = (self.spread(r, p[k], n) for k in ("decision_motivated", "inv_child_heard", "best_interests", "child_attitude"))
        pre = [r.weighted([("ja", 44), ("nej", 48), ("ej_aktuellt", 8)]) for _ in rows]
        motives = self.spread(r, p["pre_motive"], pre.count("nej"))
        v = sum(c.violence for c, _ in rows)
        police, risk = self.spread(r, p["police_decision"], v), self.spread(r, p["risk_assessed"], v)
        for i, (c, _) in enumerate(rows):
            d = {"decision_motivated": ja(motivated[i]), "pre_child_heard": pre[i]}
            if pre[i] == "nej":
                d["pre_motive"] = ja(motives.pop())
            d["inv_child_heard"] = ja(heard[i])
            if not heard[i]:
                d["inv_motive"] = ja(r.chance(60))
            d.update(best_interests=ja(best[i]), child_attitude=ja(attitude[i]), violence_case=ja(c.violence))
            if c.violence:
                there = police.pop()
                d["police_report"] = ja(there and r.chance(65))
                if d["police_report"] == "nej":
                    d["police_no_report_decision"] = ja(there)
                d["risk_assessed"] = ja(risk.pop())
            d.update(report_complete=r.weighted([("ja", 88), ("nej", 12)]), basis_sufficient=r.weighted([("ja", 60 + 8 * (y - 2024)), ("nej", 30)]),
                     paper_file_ok=r.weighted([("ja", 40), ("nej", 5), ("ej_aktuellt", 55)]), digital_file_ok=r.weighted([("ja", 90), ("nej", 10)]))
            out.append(d)
        for d in out:
            for k, x in d.items():
                t = self.shares.setdefault((rid, k), [0, 0, 0])
                t[("ja", "nej", "ej_aktuellt").index(x)] += 1
        return out

    def plan_answers(self, r, c, a):
        """What is in the file on that day."""
        plans = [k for p in c.placed for k in p.plans if k.day <= a]
        care, impl = any(k.kind == "care_plan" for k in plans), any(k.kind == "implementation_plan" for k in plans)
        seen = [f.day for p in c.placed for f in p.follow_ups if f.day <= a]
        d = {"care_plan": ja(care)}
        if care:
            d["care_plan_complete"] = ja(r.chance(80))
        d["impl_plan"] = ja(impl)
        if impl:
            d["impl_plan_complete"] = ja(r.chance(75))
        d["follow_up_documented"] = r.weighted([("ja", 60), ("delvis", 30), ("nej", 10)]) if seen else "nej"
        d["follow_up_6m"] = ja(seen and max(seen) > a - 182)
        return d

    # --- the quality work -------------------------------------------------------------------------------------------

    def quality_work(self):
        quality.write(self)

    # --- notes --------------------------------------------------------------------------------------------------------

    def notes(self):
        """As many as make the whole number."""
        u, r = self.u, self.u.stream("notes")
        n = 0

        def note(day, by, data):
            nonlocal n
            n += 1
            self.put("note-syn%05d" % n, day, by, data)

        # the access log is looked through every month
        day = START + 20
        while day <= END:
            note(day, u.head, {"kind": "log_review", "text": "Stickprov 20 åtkomster, inga anmärkningar." if r.chance(80) else text(r, 120, 600, 3000)})
            day = workday(months(before(day), 1)) if r.chance(97) else day + 29
            if day > END and day - 29 <= END - 20:
                day = END - r.among(2, 15)
        # what cannot be repaired is acknowledged, most of it
        for k in u.checks:
            if k.trigger == "new_placement" and k.day > k.placement.start and r.chance(85):
                note(min(END, k.day + r.among(1, 10)), k.by, {"about": k.id, "protected": True if k.placement.case.protected else None, "kind": "deviation", "rule": "X19",
                                                              "text": text(r, 120, 600, 3000)})
        # a long tail: most cases have one or two, some very many
        others = [(p.id, p.case, p.start) for p in u.placements] + [(f.id, f.placement.case, f.day) for f in u.follow_ups]
        want = u.n(11200) - len(self.v) - u.n(1) - 1  # expect.py has some more to put in
        heavy = r.sample(u.cases, max(1, len(u.cases) // 25))
        made = 0
        while made < want:
            if r.chance(12):
                rid, c, since = r.pick(others)
            else:
                c = r.pick(heavy) if r.chance(38) else r.pick(u.cases)
                rid, since = c.id, c.opened
            kind = r.weighted([("comment", 84), ("reminder", 8), ("correction", 4), ("disclosure", 2), ("lex_sarah", 1), ("deviation", 1)])
            over = min(END, (c.closed if c.closed is not None else END) + 30)
            at = r.among(since, max(since, over))
            at = min(at, END)
            d = {"about": rid, "protected": True if c.protected else None, "kind": kind, "text": text(r, 120, 600, 3000)}
            if kind == "reminder":
                d["due_on"] = iso(workday(at + r.among(5, 60)))
                d["done_on"] = d["due_on"] if d["due_on"] <= iso(END) else None
            if kind == "deviation":
                d["rule"] = "X99"
            if r.chance(1):
                d["state"] = "void"
            made += 1
            note(at, u.handler_at(c, at), d)
