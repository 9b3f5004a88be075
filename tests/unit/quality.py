"""Action plans, measures, routines, workshops, period reports: two plans as the sources have them, two invented."""
from datetime import date

from text import exactly, text
from unit import END, START, TEAMS, iso, months, workday

AUDIT, IVO, INTERNAL, SARAH = "action_plan-syn01", "action_plan-syn02", "action_plan-syn03", "action_plan-syn04"
PLANS = [
    (AUDIT, "Handlingsplan utifrån granskning av placeringar barn och ungdomar på HVB", {"kind": "city_audit", "ref": "Dnr SYN 2023/6", "report_no": "8", "year": 2023}, None,
     "Stadens styrning, kontroll och uppföljning av HVB och dess insatser är inte tillräcklig.", "recommendation",
     {"REK1": "Säkerställ och upprätta dokumenterade rutiner för att HVB gör kontroller ur polisens misstanke- och belastningsregister.",
      "REK2": "Säkerställ att dokumentation och uppföljning avseende individuella avtal vid direktupphandlingar sker.",
      "REK3": "Säkerställ att dokumentation och uppföljning av vårdplaner och genomförandeplaner genomförs.",
      "REK4": "Upprätta dokumenterade rutiner för kontroller av IVO-tillstånd inklusive dokumentation av genomförda kontroller."}),
    (IVO, "Åtgärdsplan IVO-granskning VINR", {"kind": "ivo", "year": 2023}, None, "IVO har kommit med följande kritik gällande barnärenden.", "criticism",
     {"KRIT1": "Nämnden har inte inhämtat tillräckligt beslutsunderlag i alla barnärenden.",
      "KRIT2": "Nämnden ger inte barn relevant information och möjlighet att komma till tals.",
      "KRIT3": "Nämnden har inte bedömt risken för att barn som misstänks ha eller har bevittnat våld ska utsättas för ytterligare våld i alla ärenden.",
      "KRIT4": "Nämnden har inte dokumenterat sitt ställningstagande till polisanmälan."}),
    (INTERNAL, "Åtgärder efter intern granskning av handläggningstider", {"kind": "internal", "year": 2024}, None,
     "Förhandsbedömningar och utredningar håller i huvudsak tiderna, men förlängningar motiveras ojämnt.", "recommendation",
     {"HT1": "Motivera varje förlängning.", "HT2": "Följ handläggningstiderna varje månad i grupperna."}),
    (SARAH, "Åtgärdsplan efter lex Sarah, överlämning mellan grupper", {"kind": "lex_sarah", "year": 2025}, INTERNAL,
     "Ärenden har blivit liggande när handläggare slutat.", "criticism",
     {"LS1": "Ärenden överlämnas inte alltid innan handläggaren slutar.", "LS2": "Det framgår inte alltid vem som är ansvarig."}),
]
# plan, findings, what, (kind, label, to_on | times), roles, status, first year, done_on
R, K = "recurring", "continuous"
MEASURES = [
    (AUDIT, "REK3", "Samordnare kartlägger samtliga HVB-ärenden och tittar om de har vård- och genomförandeplan.", ("month", "Februari 2024", "2024-02-28"), "enhetschef samordnare", "2024-02-28"),
    (AUDIT, "REK3", "Vid behov uppföljning av ärenden utifrån kartläggning.", ("month", "Mars 2024", "2024-03-28"), "samordnare", "2024-03-27"),
    (AUDIT, "REK3", "Genomföra workshop för handläggare med fokus på dokumentation och uppföljning.", ("season", "Våren 2024", "2024-05-31"), "samordnare", "2024-04-18"),
    (AUDIT, "REK3", "Vid nya placeringar gå igenom checklista för placering.", (K, "Kontinuerligt", None), "bitr_enhetschef", None),
    (AUDIT, "REK3", "Kollegial granskning, i detta granskas vård- och genomförandeplaner.", (R, "2 ggr per år", 2), "samordnare", None),
    (AUDIT, "REK1 REK4", "Uppdatera checklista för placering (inom och utom ramavtal).", ("month", "Februari 2024", "2024-02-28"), "placeringssekreterare", "2024-02-20"),
    (AUDIT, "REK1 REK4", "Kontroll av IVO-tillstånd samt check att det genomförs kontroller ur polisens misstanke- och belastningsregister.", (R, "2 ggr per år samt vid nya placeringar", 2), "bitr_enhetschef placeringssekreterare", None),
    (AUDIT, "REK1 REK4", "Följa upp och vid behov uppdatera rutin för checklista för placering.", (R, "2 ggr per år", 2), "placeringssekreterare samordnare", None),
    (AUDIT, "REK2", "Uppföljningschecklista skapas och används vid uppföljning av insats och förlängning.", ("month", "Mars 2024", "2024-03-28"), "admin placeringssekreterare", "2024-03-20"),
    (AUDIT, "REK2", "När avtal förlängs stämmer admin av med ansvarig handläggare.", (R, "Vart 6:e månad i ärenden", 2), "admin placeringssekreterare", None),
    (AUDIT, "REK1 REK2 REK3 REK4", "Uppföljning av vidtagna åtgärder redovisas i T1, T2 och verksamhetsberättelse.", (R, "T1, T2 och VB", 3), "enhetschef", None),
    (AUDIT, "REK1", "Be samtliga utförare om skriftlig bekräftelse av registerkontroller.", ("season", "Hösten 2024", "2024-10-31"), "placeringssekreterare", "2024-10-24"),
    (AUDIT, "REK2", "Mall för motiv vid direktupphandling.", ("month", "Juni 2024", "2024-06-28"), "enhetschef", "2024-06-14"),
    (AUDIT, "REK3", "Stöd till nya handläggare om genomförandeplaner.", (R, "2 ggr per år", 2), "samordnare", None),
    (IVO, "KRIT1 KRIT2 KRIT3 KRIT4", "Egenkontroll genom kollegial granskning tre gånger per år.", (R, "3 ggr per år", 3), "samordnare handlaggare", None),
    (IVO, "KRIT1 KRIT2 KRIT3 KRIT4", "Analys på ledningsnivå och presentation i grupperna efter varje omgång.", (R, "3 ggr per år", 3), "ledningsgrupp bitr_enhetschef", None),
    (IVO, "KRIT1 KRIT2 KRIT4", "Två checklistor för beslutsunderlag införs.", ("date", "Januari 2024", "2024-01-31"), "bitr_enhetschef ledningsgrupp", "2024-01-25"),
    (IVO, "KRIT1 KRIT2 KRIT3 KRIT4", "Workshop med hela enheten.", ("date", "den 25 januari 2024", "2024-01-25"), "ledningsgrupp", "2024-01-25"),
    (IVO, "KRIT1 KRIT2 KRIT3 KRIT4", "Ta vidare workshopens resultat till verksamhetsplanen.", ("season", "Våren 2024", "2024-05-31"), "ledningsgrupp", "2024-05-22"),
    (IVO, "KRIT2", "Fortsatta diskussioner i grupperna.", (R, "2 ggr per år", 2), "bitr_enhetschef", None),
    (IVO, "KRIT1 KRIT2 KRIT3 KRIT4", "En mindre intern granskning efter sommaren.", ("season", "Efter sommaren 2026", "2026-10-31"), "ledningsgrupp", "2026-10-20"),
    (IVO, "KRIT3", "Fråga om riskbedömning läggs till i formulären.", ("month", "Mars 2024", "2024-03-28"), "samordnare", "2024-03-14"),
    (IVO, "KRIT3", "Utbildning i riskbedömning för nyanställda.", (R, "2 ggr per år", 2), "samordnare kvalitet", None),
    (IVO, "KRIT4", "Stöd i ställningstagande till polisanmälan finns på varje arbetsplats.", ("month", "September 2024", "2024-09-27"), "bitr_enhetschef", "2024-09-18"),
    (IVO, "KRIT4", "Månadsvis avstämning av våldsärenden utan ställningstagande.", (R, "12 ggr per år", 12), "bitr_enhetschef", None),
    (IVO, "KRIT2", "Samtalsguide för enskilda samtal med barn.", ("season", "Hösten 2025", "2025-10-31"), "kvalitet", "2025-10-16"),
    (IVO, "KRIT1", "Introduktionsprogram efter den stora personalomsättningen våren 2025.", ("date", "den 30 juni 2025", "2025-06-30"), "enhetschef samordnare", "2025-06-17"),
    (IVO, "KRIT1", "Beslutsunderlagens bilagor förtecknas.", ("month", "Februari 2027", "2027-02-26"), "bitr_enhetschef", None),
    (INTERNAL, "HT1", "Mall för motiv till förlängning.", ("month", "November 2024", "2024-11-29"), "samordnare", "2024-11-20"),
    (INTERNAL, "HT1", "Chefen läser varje förlängning.", (K, "Kontinuerligt", None), "bitr_enhetschef", None),
    (INTERNAL, "HT2", "Handläggningstiderna visas på gruppmötet.", (R, "12 ggr per år", 12), "bitr_enhetschef samordnare", None),
    (INTERNAL, "HT2", "Redovisning per tertial.", (R, "3 ggr per år", 3), "enhetschef", None),
    (INTERNAL, "HT2", "Översyn av fördelningen mellan grupperna.", ("season", "Våren 2025", "2025-05-30"), "ledningsgrupp", "2025-05-21"),
    (INTERNAL, "HT1", "Stickprov av förlängningar.", (R, "2 ggr per år", 2), "kvalitet", None),
    (INTERNAL, "HT2", "Ny grupp för förhandsbedömningar prövas.", ("season", "Hösten 2025", "2025-11-28"), "ledningsgrupp", "cancelled"),
    (SARAH, "LS1", "Överlämningssamtal innan handläggaren slutar.", (K, "Kontinuerligt", None), "bitr_enhetschef", None),
    (SARAH, "LS1", "Checklista vid avslut av anställning.", ("month", "September 2025", "2025-09-26"), "admin", "2025-09-15"),
    (SARAH, "LS2", "Månadsvis genomgång av ärenden utan aktiv handläggare.", (R, "12 ggr per år", 12), "bitr_enhetschef", None),
    (SARAH, "LS2", "Medhandläggare utses vid lång frånvaro.", (K, "Kontinuerligt", None), "bitr_enhetschef", None),
    (SARAH, "LS1 LS2", "Uppföljning av åtgärderna i ledningsgruppen.", (R, "3 ggr per år", 3), "ledningsgrupp", None),
    (SARAH, "LS2", "Information på APT.", ("month", "Oktober 2025", "2025-10-31"), "enhetschef", "2025-10-07"),
    (SARAH, "LS1", "Överlämningsrutinen utvärderas.", ("season", "Våren 2027", "2027-05-31"), "kvalitet", None),
]
STARTS = {AUDIT: date(2024, 1, 8), IVO: date(2024, 1, 8), INTERNAL: date(2024, 9, 2), SARAH: date(2025, 8, 18)}
ROUTINES = [
    ("ivo_control", "Rutin för kontroll av IVO-tillstånd", "placeringssekreterare"), ("register_control", "Rutin för registerkontroll vid HVB", "placeringssekreterare"),
    ("placement_checklist", "Rutin för checklista för placering", "placeringssekreterare"), ("contract_follow_up", "Rutin för avtalsuppföljning", "admin"),
    ("self_check", "Rutin för egenkontroll", "samordnare"), ("decision_basis", "Checklistor för beslutsunderlag", "bitr_enhetschef"),
    ("protected_data", "Rutin för skyddade personuppgifter", "enhetschef"), ("other", "Rutin för överlämning mellan handläggare", "bitr_enhetschef"),
    ("other", "Rutin för lex Sarah", "kvalitet"),
]
LIMIT = 20000
PERIODS = [(y, p, date(y, m, d), date(y2, m2, d2)) for y in (2024, 2025, 2026) for p, m, d, y2, m2, d2 in
           (("T1", 4, 30, y, 5, 15), ("T2", 8, 31, y, 9, 15), ("VB", 12, 31, y + 1, 1, 31))]


def write(w):
    u, r = w.u, w.u.stream("quality")
    head, officer, coordinator = u.head, u.of["p"][0].holders[0], lambda day: u.holder(u.of["s"][0], day)
    for rid, title, source, predecessor, conclusion, kind, findings in PLANS:
        day = STARTS[rid].toordinal()
        w.put(rid, day, head, {
            "title": title, "source": source, "predecessor": predecessor, "conclusion": conclusion,
            "findings": [{"k": k.lower(), "key": k, "kind": kind, "text": t} for k, t in findings.items()],
            "owner_roles": ["enhetschef", "ledningsgrupp"], "adopted_on": iso(day), "from_on": iso(day), "status": "adopted"})
    rounds = [k for k in w.v if k.startswith("review_round-")]
    measures = []
    for n, (plan, findings, what, (kind, label, when), roles, done) in enumerate(MEASURES, 1):
        rid, day = "measure-syn%02d" % n, STARTS[plan].toordinal()
        due = {"kind": kind, "label": label}
        if kind == "recurring":
            due["times_per_year"] = when
        elif when:
            due["to_on"] = when
        finished = date.fromisoformat(done).toordinal() if done and done != "cancelled" else None
        over = finished or END
        by = {"enhetschef": head, "placeringssekreterare": officer}.get(roles.split()[0], head)
        # a line at every report, and as often as the measure asks for
        progress, at = [], day
        step = 12 // when if kind == "recurring" else 4
        while True:
            at = workday(months(workday(at), step) - 16)
            if at > over or done == "cancelled":
                break
            period = "T1" if date.fromordinal(at).month <= 4 else "T2" if date.fromordinal(at).month <= 8 else "VB"
            progress.append({"noted_on": iso(at), "by": by.id, "period": period, "year": date.fromordinal(at).year, "text": text(r, 120, 400, 900)})
        status = "cancelled" if done == "cancelled" else "done" if finished else "ongoing"
        w.put(rid, day, head, {
            "action_plan": plan, "findings": findings.split(), "what": what, "due": due, "responsible_roles": roles.split(), "assigned_to": by.id,
            "status": status, "done_on": iso(finished) if finished else None,
            "evidence": [{"k": "u1", "what": "Underlag", "record": rounds[n % len(rounds)]}] if finished or r.chance(40) else None,
            "progress": progress or None, "effect": r.pick(["full", "partial", "not_assessed"]) if finished else "not_assessed"})
        measures.append((rid, day, finished, status))
    for n, (kind, title, role) in enumerate(ROUTINES, 1):
        day = workday(START + 8 + n)
        reviews, at = [], day
        while True:
            at = workday(months(at, 6) - 20)
            if at > END:
                break
            some = r.among(8, 30)
            reviews.append({"k": "g%d" % (len(reviews) + 1), "reviewed_on": iso(at), "by": [officer.id], "sample": some, "followed": some - r.among(0, 3),
                            "finding": text(r, 180, 600, 2000), "updated": "nej"})
        w.put("routine-syn%02d" % n, day, officer, {
            "title": title, "kind": kind, "version": 1, "owner_roles": [role],
            "text": exactly(r, LIMIT) if n == len(ROUTINES) else text(r, 4000, 12000, LIMIT), "approved_by": head.id, "approved_on": iso(day), "valid_from": iso(day),
            "communicated": [{"k": "apt", "sent_on": iso(day + 6), "to": "Alla medarbetare, på APT"}], "reviews": reviews, "next_review_on": iso(workday(at))})
    for n in range(1, 9):
        day = workday(date(2024, 1, 25).toordinal() + (n - 1) * 150)
        day = min(day, END - 40)
        w.put("workshop-syn%02d" % n, day, coordinator(day), {
            "title": "Workshop %d" % n if n != 1 else "Workshop och presentation av granskning", "kind": ("workshop", "information", "group_discussion")[n % 3],
            "action_plan": IVO if n % 2 else AUDIT, "held_on": iso(day), "responsible": coordinator(day).id, "audience": "Hela enheten" if n == 1 else "Grupperna",
            "attendees": 30 + n, "questions": [{"k": "d%d" % i, "key": "D%d" % i, "text": q, "answers": sorted({text(r, 120, 400, 900) for _ in range(2)})} for i, q in enumerate((
                "Hur kommer det sig att vi inte inhämtar tillräckligt med beslutsunderlag?", "Hur kan vi göra framåt?",
                "Hur gör vi tydliga analyser av hur barn påverkas av våld?"), 1)], "analysis": text(r, 900, 3000, 10000),
            "outcomes": [{"k": "r1", "text": text(r, 120, 400, 900), "goes_to": "measure", "measure": "measure-syn%02d" % (14 + n)}]})
    for y, period, as_of, due in PERIODS:
        at = as_of.toordinal()
        rows = [(m, s if not f or f > at else "done", f) for m, day, f, s in measures if day <= at and not (f and f <= at - 130)]
        day = min(END, at - 12)
        last = at + 8
        w.put("period_report-syn%d%s" % (y, period.lower()), day, head, {
            "year": y, "period": period, "as_of": iso(at), "due_on": due.isoformat(),
            "rows": [{"k": m.split("-")[1], "measure": m, "status": "ongoing" if s == "done" and f and f > at else s} for m, s, f in rows],
            "figures": [{"key": "hvb_active", "value": sum(1 for p in u.placements if p.form == "hvb" and p.start <= at and (p.end is None or p.end > at))}],
            "narrative": text(r, 700, 2500, 8000), "submitted_on": iso(last) if last <= END else None, "submitted_by": head.id if last <= END else None})
