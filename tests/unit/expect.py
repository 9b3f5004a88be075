"""What the rules are to find, worked out a second time: from what each rule says in words, over the records as they
were written, in another language than the rules' own. Two answers that agree are worth more than one that is recorded."""
from datetime import date

# due dates that are still to come count when they are so near (a rule's lead)
LEAD = {"X01": 14, "X02": 14, "X03": 30, "X04": 14, "X05": 30, "X06": 60, "X07": 7, "X08": 14, "X09": 14, "X11": 14, "X12": 14, "X13": 60, "X14": 60, "X20": 7,
        "X30": 7, "X31": 45, "X34": 30, "X40": 7, "X42": 3, "X43": 3, "X44": 30, "X52": 5, "X53": 30, "X54": 30, "X55": 7, "X56": 7, "X58": 7, "X59": 30,
        "X60": 30, "X64": 21, "X65": 30, "X66": 30, "X74": 7}
RULES = ["X%02d" % n for n in (*range(1, 28), 29, *range(30, 35), *range(40, 46), *range(50, 76))] + ["G%02d" % n for n in range(1, 5)] + ["N01"]


def plus(day, days=0, months=0):
    d = date.fromisoformat(day)
    if months:
        m = d.year * 12 + d.month - 1 + months
        d = date(m // 12, m % 12 + 1, d.day)
    return date.fromordinal(d.toordinal() + days).isoformat()


def years(day, n):
    """As SQLite counts them: what would be 29 February is 1 March."""
    y = int(day[:4]) + n
    return "%d-03-01" % y if day[5:] == "02-29" and (y % 4 or y % 100 == 0 and y % 400) else "%d%s" % (y, day[4:])


class Seen:
    """The records a rule may look at, by type, and what hangs on what."""

    def __init__(self, records):
        self.ids = set(records)
        self.all = {}
        for rid, x in records.items():
            if x["data"].get("state") != "void":
                self.all.setdefault(x["type"], {})[rid] = dict(x["data"], id=rid, on=date.fromordinal(x["day"]).isoformat())

    def of(self, kind):
        return self.all.get(kind, {})

    def by(self, kind, field):
        out = {}
        for x in self.of(kind).values():
            out.setdefault(x.get(field), []).append(x)
        return out


def hits(records, today):
    s, found = Seen(records), []
    acknowledged = {(n["rule"], n.get("about")) for n in s.of("note").values() if n["kind"] == "deviation" and "rule" in n}

    def hit(rule, record, due):
        if (rule, record) in acknowledged:
            return
        if due <= plus(today, LEAD.get(rule, 0)):
            found.append((rule, record, due, "overdue" if due < today else "now" if due == today else "soon"))

    of_placements(s, hit, today)
    of_providers(s, hit, today)
    of_checklists(s, hit)
    of_cases(s, hit, today)
    of_rounds(s, hit, today)
    of_quality(s, hit, today)
    of_keeping(s, hit)
    return found


def final(rows):
    return [x for x in rows if x["state"] == "final"]


def of_placements(s, hit, today):
    plans, seen = s.by("plan", "placement"), s.by("follow_up", "placement")
    checks, lists, contracts = s.by("provider_check", "placement"), s.by("placement_checklist", "placement"), s.by("contract", "placement")
    signals = {}
    for k in s.of("provider_check").values():
        if k["trigger"] == "signal" and k["state"] == "final":
            signals.setdefault(k["provider"], []).append(k["checked_on"])
    for pid, p in s.of("placement").items():
        start, case = p["start_on"], s.of("case").get(p["case"])
        mine, held = final(plans.get(pid, [])), final(seen.get(pid, []))
        care = [k for k in mine if k["kind"] == "care_plan"]
        if p["status"] != "ended":
            if not care:
                hit("X01", pid, plus(start, 28) if p["acute"] else start)
            fresh = [k for k in final(checks.get(pid, [])) if k["provider"] == p["provider"] and k["checked_on"] >= plus(start, -30)]
            if not any("ivo_permit" in k for k in fresh):
                hit("X11", pid, start)
            if not any("register_routine" in k for k in fresh):
                hit("X12", pid, start)
            v = s.of("provider")[p["provider"]]
            ages = v["permit"]
            # born on the last or the first day of the year
            oldest, youngest = int(start[:4]) - case["birth_year"], int(start[:4]) - case["birth_year"] - 1
            if oldest < ages.get("age_from", 0) or youngest > ages.get("age_to", 99):
                hit("X16", pid, today)
            if not any(k.get("reviewed_by") and k.get("reviewed_on") for k in final(lists.get(pid, []))):
                hit("X20", pid, plus(start, 1) if p["acute"] else start)
            if p["framework"] != "not_applicable" and not final(contracts.get(pid, [])):
                hit("X30", pid, start)
        if p["status"] == "active":
            if not any(k["kind"] == "implementation_plan" for k in mine):
                hit("X02", pid, plus(start, 30))
            hit("X03", pid, plus(max([f["held_on"] for f in held], default=start), months=6))
            hit("X05", pid, plus(max([c["considered_on"] for c in p.get("considerations", []) if c["kind"] != "contact_restriction"], default=start), months=6))
            if not any(k["drawn_up_on"] >= plus(start, months=21) for k in care):
                hit("X06", pid, plus(start, months=24))
            health = p.get("health_exam", {}).get("status")
            if not health:
                hit("X07", pid, plus(start, 14))
            if health in ("initiated", "offered"):
                hit("X08", pid, plus(start, 60))
            for k in mine:
                replaced = any(x.get("supersedes") == k["id"] for x in mine)
                of_plan = [f for f in held if k["id"] in f.get("plans", [])]
                done = any(f["held_on"] >= plus(k["next_follow_up_on"], -30) or f["next_follow_up_on"] > k["next_follow_up_on"] for f in of_plan)
                if not replaced and not done:
                    hit("X04", k["id"], k["next_follow_up_on"])
            for f in held:
                if f["plan_revision_needed"] == "ja" and not any(k["drawn_up_on"] >= f["held_on"] for k in mine):
                    hit("X09", f["id"], plus(f["held_on"], 30))
                if f["safety_concern"] == "ja" and not any(d >= f["held_on"] for d in signals.get(p["provider"], [])):
                    hit("X10", f["id"], plus(f["held_on"], 7))
            v = s.of("provider")[p["provider"]]
            last = max([(k["checked_on"], k["decision"]) for k in final(s.of("provider_check").values()) if k["provider"] == p["provider"]], default=("", ""))
            if v.get("placement_stop") or last[1] == "not_approved":
                hit("X15", pid, today)
        for a in contracts.get(pid, []):
            if a["state"] == "final" and p["status"] == "active" and a["status"] == "active":
                until = p.get("planned_end_on")
                if until is None or until > a["to_on"] or a["to_on"] < today:
                    hit("X31", a["id"], a["to_on"])
            if a["status"] == "active" and p["status"] == "active" and a["procurement"] == "direct_award":
                hit("X34", a["id"], plus(max([f["held_on"] for f in held if set(f["purposes"]) & {"intervention", "extension"}], default=a["from_on"]), months=6))
            for x in a.get("extensions", []):
                f = s.of("follow_up").get(x.get("follow_up"))
                if not (f and f["state"] == "final" and "extension" in f["purposes"] and f.get("contract") == a["id"] and
                        plus(x["decided_on"], -60) <= f["held_on"] <= x["decided_on"]):
                    hit("X32", a["id"], x["decided_on"])
                if not x.get("reconciled_on"):
                    hit("X33", a["id"], x["decided_on"])
            if a["provider"] != p["provider"]:
                hit("X75", a["id"], today)
        for k in plans.get(pid, []) + seen.get(pid, []):
            if k["case"] != p["case"]:
                hit("X75", k["id"], today)
        for k in checks.get(pid, []):
            if k["trigger"] == "new_placement" and k["checked_on"] > start:
                hit("X19", k["id"], k["checked_on"])
        for k in lists.get(pid, []):
            if k.get("reviewed_on", "") > (plus(start, 1) if p["acute"] else start):
                hit("X29", k["id"], k["reviewed_on"])
            a = s.of("contract").get(p.get("contract"))
            outside = a and a["procurement"] == "direct_award"
            inside = a and a["procurement"] in ("framework_city", "framework_adda", "dis")
            if k["framework"] != p["framework"] or outside and p["framework"] != "outside" or inside and p["framework"] != "inside":
                hit("X21", k["id"], today)


def of_providers(s, hit, today):
    bosses = {x["id"] for x in s.of("staff").values() if set(x["roles"]) & {"bitr_enhetschef", "enhetschef"}}
    used = {p["provider"] for p in s.of("placement").values() if p["status"] == "active"}
    half, due = (today[:4] + "-01-01", today[:4] + "-06-30") if today[5:7] < "07" else (today[:4] + "-07-01", today[:4] + "-12-31")
    checks = s.by("provider_check", "provider")
    for vid, v in s.of("provider").items():
        this = [k for k in final(checks.get(vid, [])) if k["trigger"] in ("half_year", "new_placement") and k["checked_on"] >= half]
        if vid in used and not any("ivo_permit" in k for k in this):
            hit("X13", vid, due)
        if vid in used and not any("register_routine" in k for k in this):
            hit("X14", vid, due)
        if v["active"] and v["operator"] == "private" and v["permit"]["kind"] != "permit":
            hit("X18", vid, today)
    for kid, k in s.of("provider_check").items():
        if k["trigger"] == "new_placement" and k["checked_by"] not in bosses:
            hit("X17", kid, k["checked_on"])


COMPARED = ("child_heard", "info_report", "info_investigation", "info_intervention", "info_decision", "communication_boxes", "police_decision", "health_exam")


def of_checklists(s, hit):
    lists, of_case = s.of("decision_checklist"), s.by("decision_checklist", "case")
    for cid, c in s.of("case").items():
        closed = c.get("investigation", {}).get("closed_on")
        have = {d["audience"] for d in final(of_case.get(cid, [])) if d["document_kind"] in ("investigation", "decision")}
        if closed and "writer" not in have:
            hit("X22", cid, closed)
        if closed and "manager" not in have:
            hit("X23", cid, closed)
    for mid, m in lists.items():
        if m["state"] == "final" and m["answers"]["child_heard"] == "nej" and m["answers"].get("child_heard_motive", "nej") == "nej":
            hit("X27", mid, m["filled_on"])
        if m["audience"] != "manager":
            continue
        w = lists.get(m["pair"])
        if w and w["filled_by"] == m["filled_by"]:
            hit("X24", mid, m["filled_on"])
        if w and any(m["answers"].get(k) != w["answers"].get(k) for k in COMPARED):
            hit("X25", mid, m["filled_on"])
        if m["outcome"] == "returned" and not any(x["audience"] == "writer" and x["document_ref"] == m["document_ref"] and x["filled_on"] > m["filled_on"]
                                                  for x in final(of_case[m["case"]])):
            hit("X26", mid, plus(m["filled_on"], 10))


def of_cases(s, hit, today):
    placed = {p["case"] for p in s.of("placement").values()}
    for cid, c in s.of("case").items():
        pre, inv, opened = c.get("preassessment", {}), c.get("investigation", {}), c["opened_on"]
        told = c["channel"] in ("concern_report", "police_report")
        if c["violence"]["suspected"] == "ja":
            if not any(d["motive"].strip() for d in c.get("police_decisions", [])):
                hit("X40", cid, min(plus(opened, 14), inv.get("closed_on", "9999-12-31")))
            if c["violence"].get("risk_assessed", "nej") == "nej" and c["stage"] != "closed":
                hit("X42", cid, plus(opened, 7))
        for d in c.get("police_decisions", []):
            if d["decision"] == "report" and "reported_on" not in d:
                hit("X41", cid, plus(d["decided_on"], 3))
        if told and "decided_on" not in pre and "extension_reason" not in pre:
            hit("X43", cid, plus(opened, 14))
        if "opened_on" in inv and "closed_on" not in inv and c["stage"] == "investigation":
            hit("X44", cid, inv.get("extended_to") or plus(inv["opened_on"], months=4))
        if told and "done_on" not in c.get("protection_assessment", {}):
            hit("X45", cid, plus(opened, 1))
        who = s.of("staff").get(c["handler"], {})
        if c["stage"] != "closed" and who.get("active_to") and who["active_to"] <= today:
            hit("X71", cid, who["active_to"])
        if c["stage"] == "closed" and not c["research_sample"] and cid not in placed:
            due = plus(c["closed_on"], months=60)
            hit("X72", cid, max(due, "%d-01-01" % (c["birth_year"] + 31)) if inv else due)
    for kind in ("placement", "plan", "follow_up", "decision_checklist", "case_review"):
        for rid, x in s.of(kind).items():
            c = s.of("case").get(x["case"])
            if c and c.get("protected") and not x.get("protected"):
                hit("X70", rid, today)
    for kind, fields in (("placement", ("case", "provider")), ("plan", ("placement",)), ("follow_up", ("placement",)), ("contract", ("placement",)), ("case_review", ("case", "round"))):
        for rid, x in s.of(kind).items():
            if any(x[f] not in s.ids for f in fields):
                hit("X73", rid, today)


def of_keeping(s, hit):
    for rid, x in s.of("contract").items():
        if x["state"] == "final" and x["status"] != "active":
            hit("G01", rid, years(x["to_on"], 10))
    for rid, v in s.of("provider").items():
        placements = s.by("placement", "provider").get(rid, [])
        if v["active"] or any(p["status"] != "ended" for p in placements):
            continue
        used = [v["on"]] + [p.get("end_on", "") for p in placements]
        used += [x["to_on"] for x in s.by("contract", "provider").get(rid, [])]
        used += [k["checked_on"] for k in s.by("provider_check", "provider").get(rid, [])]
        hit("G02", rid, years(max(used), 10))
    for rid, x in s.of("case_review").items():
        if x["state"] == "final" and s.of("review_round").get(x["round"], {}).get("analysis", {}).get("done_on"):
            hit("G03", rid, years(x["reviewed_on"], 5))
    for lists in s.by("decision_checklist", "case").values():
        last = max(lists, key=lambda x: (x["filled_on"], x["id"]))
        hit("G04", last["id"], years(last["filled_on"], 2))


def of_rounds(s, hit, today):
    cases, reviews, y = s.of("case"), s.by("case_review", "round"), today[:4]
    teams = {x["team"] for x in s.of("staff").values() if "handlaggare" in x["roles"] and "active_to" not in x}
    own = lambda c, who: who in (c["handler"], c.get("co_handler"), c["manager"])
    for rid, x in s.of("review_round").items():
        done = {(v["case"], v["reviewer"]) for v in final(reviews.get(rid, []))}
        for a in x.get("assignments", []):
            c = cases[a["case"]]
            if own(c, a["reviewer"]):
                hit("X50", rid, a["due_on"])
            if c.get("protected") and a["reviewer"] not in c["access_list"]:
                hit("X51", rid, a["due_on"])
            if (a["case"], a["reviewer"]) not in done:
                hit("X52", rid, a["due_on"])
        analysed = x.get("analysis", {}).get("done_on")
        if x["status"] == "closed" and not analysed:
            hit("X55", rid, plus(x["closes_on"], 30))
        if analysed and teams - {p["team"] for p in x.get("presentations", [])}:
            hit("X56", rid, plus(analysed, 30))
        b = s.of("review_round").get(x.get("baseline"))
        if b and b["form"] != x["form"]:
            hit("X57", rid, today)
    for vid, v in s.of("case_review").items():
        c = cases.get(v["case"])
        if c and own(c, v["reviewer"]):
            hit("X50", vid, v["reviewed_on"])
        if c and v["needs_action"] == "ja" and "action_done_on" not in v:
            hit("X58", vid, plus(v["reviewed_on"], 30))
    held = lambda kind: sum(1 for x in s.of("review_round").values() if x["kind"] == kind and x["year"] == int(y) and x["status"] in ("closed", "analysed", "presented"))
    for kind, rule, days in (("self_check", "X53", ("04-30", "08-31", "12-31")), ("plan_review", "X54", ("06-30", "12-31"))):
        for n, day in enumerate(days, 1):
            if held(kind) < n:
                hit(rule, "%s-%s-%d" % (kind, y, n), y + "-" + day)
    for pid, p in s.of("action_plan").items():
        if p["source"]["kind"] == "ivo" and p["status"] == "adopted" and not held("internal_review"):
            hit("X59", pid, y + "-10-31")


def of_quality(s, hit, today):
    y = int(today[:4])
    adopted = {k for k, p in s.of("action_plan").items() if p["status"] == "adopted"}
    measures = s.of("measure")
    for pid in adopted:
        covered = {f for m in final(measures.values()) if m["action_plan"] == pid and m["status"] != "cancelled" for f in m["findings"]}
        if any(f["key"] not in covered for f in s.of("action_plan")[pid]["findings"]):
            hit("X61", pid, today)
    for mid, m in measures.items():
        if m["action_plan"] in adopted and m["status"] not in ("done", "cancelled") and m["due"].get("to_on"):
            hit("X60", mid, m["due"]["to_on"])
        if m["status"] == "done" and not m.get("evidence"):
            hit("X62", mid, m["done_on"])
        if m["due"]["kind"] == "recurring" and m["status"] in ("ongoing", "not_started"):
            last = max([g["noted_on"] for g in m.get("progress", [])], default=m["on"])
            hit("X65", mid, plus(last, months=12 // m["due"]["times_per_year"]))
    for rid, x in s.of("period_report").items():
        rows = {row["measure"] for row in x["rows"]}
        since = plus(x["as_of"][:8] + "01", months=-4)[:8] + x["as_of"][8:]
        if any(m["action_plan"] in adopted and m["on"] <= x["as_of"] and mid not in rows and
               (m["status"] not in ("done", "cancelled") or m.get("done_on", "") > since) for mid, m in measures.items()):
            hit("X63", rid, x["due_on"])
    sent = {(x["year"], x["period"]) for x in s.of("period_report").values() if x.get("submitted_on")}
    for period, back, day in (("T1", 0, "05-15"), ("T2", 0, "09-15"), ("VB", 1, "01-31")):
        if adopted and (y - back, period) not in sent:
            hit("X64", "period_report-%d%s" % (y - back, period), "%d-%s" % (y, day))
    kinds = set()
    for rid, x in s.of("routine").items():
        if x["state"] != "final" or x.get("valid_to"):
            continue
        hit("X66", rid, plus(max([q["reviewed_on"] for q in x.get("reviews", [])], default=x["valid_from"]), months=6))
        if not x.get("communicated"):
            hit("X68", rid, plus(x["valid_from"], 30))
        if x.get("approved_on"):
            kinds.add(x["kind"])
    for kind in ("ivo_control", "register_control", "placement_checklist", "contract_follow_up"):
        if kind not in kinds:
            hit("X69", "routine-" + kind, today)
    for wid, x in s.of("workshop").items():
        if not x.get("outcomes") or any(o["goes_to"] == "measure" and not o.get("measure") for o in x["outcomes"]):
            hit("X67", wid, plus(x["held_on"], 30))
    for nid, n in s.of("note").items():
        if n["kind"] == "reminder" and "done_on" not in n:
            hit("N01", nid, n["due_on"])
    hit("X74", "unit", plus(max([n["on"] for n in s.of("note").values() if n["kind"] == "log_review"], default="2026-01-01"), 31))


# The last day; half a year, then most of one, in which nobody did anything: then rules fire that a working unit never sees.
DAYS = ("2026-12-31", "2027-06-29", "2027-11-15")


def counted(by_day):
    out = ["rule" + "".join("\t%s\tnow\tsoon" % day for day in by_day) + "\n"]
    for k in RULES:
        n = ["%d\t%d\t%d" % tuple(sum(1 for h in found if h[0] == k and h[3] == when) for when in ("overdue", "now", "soon")) for found in by_day.values()]
        out.append("\t".join([k, *n]) + "\n")
    return "".join(out)


# --- what was put in on purpose -----------------------------------------------------------------------------

# planted and nothing else: these defects follow from no trend
PLANTED = {"X15": 2, "X18": 1, "X25": 12 * 36, "X32": 4, "X50": 6, "X51": 3, "X71": 5, "X73": 1}


def check_planted(u, found):
    """Every planted defect is found, and of these kinds nothing else."""
    for rule, count in PLANTED.items():
        planted = u.planted.get(rule, [])
        assert u.scale != 1 or len(planted) == count, (rule, len(planted))
        got = sorted(record for r, record, _, when in found if r == rule and when != "soon")
        want = planted
        if rule == "X50":  # the assignment, and the sheet
            assert len(got) == 2 * len(want) and {k for k in got if k.startswith("review_round-")} == {k for k, _ in want}, (rule, got, want)
        else:
            assert got == sorted(k[0] if isinstance(k, tuple) else k for k in want), (rule, got, want)


def plant_dangling(w):
    """A sheet of a round that there is not."""
    for i in range(w.u.n(1)):
        old = next(x for k, x in w.v.items() if k.startswith("case_review-") and not x["data"].get("protected") and not x["data"].get("dangling"))
        rid = "case_review-syn9%03d" % i
        w.v[rid] = dict(old, data=dict(old["data"], round="review_round-syn9%03d" % i, needs_action="nej"))
        w.v[rid]["data"].pop("action", None)
        w.u.plant("X73", rid)


def plant_number(w):
    """A number like a person's in a text. Its check digit is wrong, so that it is nobody's: it is saved, with a warning."""
    digits, total = "120214123", 0
    for i, c in enumerate(digits):
        x = int(c) * (2 - i % 2)
        total += x // 10 + x % 10
    wrong = (10 - total % 10 + 5) % 10
    rid = "note-syn99999"
    first = next(k for k, x in w.v.items() if x["type"] == "case" and not x["data"].get("protected"))
    text = "Enligt remissen gäller det 20%s-%s%d, se akten." % (digits[:6], digits[6:], wrong)
    w.v[rid] = {"type": "note", "day": w.v[first]["day"], "by": w.v[first]["by"], "data": {"about": first, "kind": "comment", "text": text, "state": "final"}}
