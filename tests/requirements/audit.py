"""R1 to R30: the action plan after the audit of placements in residential care homes.

Each: what the requirement asks for, the question, and the evidence that is then taken away."""

PLAN = "action_plan-syn01"
PLACED, CASE, CONTRACT = "placement-syn0088", "case-syn01204", "contract-syn0088"
TITLE = "title LIKE 'Handlingsplan utifrån granskning%'"
REQUIREMENTS = {}


def requirement(rid, title, check, without, how):
    REQUIREMENTS[rid] = title, check, (without, how)


requirement("R1", "the action plan has title, report number and year",
            lambda s: s.sql("SELECT title, source_report_no, source_year FROM action_plans WHERE " + TITLE) ==
            [["Handlingsplan utifrån granskning av placeringar barn och ungdomar på HVB, Nr 8, 2021", "8", 2021]],
            "the report's number", lambda s: s.instead(PLAN, lambda d: d["source"].pop("report_no")))

requirement("R2", "the audit is named by its kind and diary number",
            lambda s: s.sql("SELECT source_kind, source_ref FROM action_plans WHERE " + TITLE) == [["city_audit", "Dnr RVK 2020/6"]],
            "the diary number", lambda s: s.instead(PLAN, lambda d: d["source"].pop("ref")))

requirement("R3", "the audit's aim and verdict stand there word for word",
            lambda s: s.one("SELECT count(*) AS n FROM action_plans WHERE " + TITLE + " AND aim LIKE '%styrning, kontroll och uppföljning av HVB och dess insatser är tillräcklig%'"
                            " AND conclusion LIKE '%styrning, kontroll och uppföljning av HVB och dess insatser inte är tillräcklig%'") == 1,
            "the verdict's own words", lambda s: s.instead(PLAN, lambda d: d.update(conclusion="Kontrollen kan bli bättre.")))

requirement("R4", "each recommendation is listed and has a measure",
            lambda s: s.one("SELECT count(*) AS n FROM action_plans__findings WHERE parent = '%s' AND kind = 'recommendation'" % PLAN) == 4 and not s.todo("X61"),
            "the measures of one recommendation", lambda s: s.void("measure-hvb09", "measure-syn0112", "measure-syn0113"))

requirement("R5", "there is an approved routine for register checks, and checks made under it",
            lambda s: not s.todo("X69") and s.one("SELECT count(*) AS n FROM provider_checks WHERE register_routine_outcome IS NOT NULL AND state = 'final'") >= 2,
            "the routine", lambda s: s.void("routine-syn04"))

requirement("R6", "a direct award has its motive, and a follow-up of the contract",
            lambda s: s.one("SELECT count(*) AS n FROM contracts a WHERE procurement = 'direct_award' AND direct_award_motive > '' AND direct_award_approved_on IS NOT NULL"
                            " AND EXISTS (SELECT 1 FROM follow_ups f WHERE f.contract = a.id AND f.state = 'final')") >= 1,
            "the follow-up", lambda s: s.void("follow_up-syn0211"))

requirement("R7", "the placement has both plans and dated follow-ups of them",
            lambda s: s.sql("SELECT kind, count(*) AS n FROM plans WHERE placement = '%s' AND state = 'final' GROUP BY kind ORDER BY kind" % PLACED) ==
            [["care_plan", 1], ["implementation_plan", 1]] and
            s.one("SELECT count(DISTINCT held_on) AS n FROM follow_ups f JOIN follow_ups__plans p ON p.parent = f.id WHERE f.placement = '%s'" % PLACED) >= 2,
            "the implementation plan", lambda s: s.void("plan-syn0184"))

requirement("R8", "there is an approved routine for permit checks, and a record of each check",
            lambda s: not s.todo("X69") and s.one("SELECT count(*) AS n FROM provider_checks WHERE ivo_permit_outcome IS NOT NULL AND state = 'final' AND checked_by IS NOT NULL") >= 2,
            "the routine", lambda s: s.void("routine-syn03"))

requirement("R9", "the plan names the roles that follow it up, and each role has a to-do list",
            lambda s: {r[0] for r in s.sql("SELECT value FROM action_plans__owner_roles WHERE parent = '%s'" % PLAN)} == {"enhetschef", "bitr_enhetschef", "placeringssekreterare"}
            and isinstance(s.json("todo", "--mine", "--today", "2026-09-20", findings=True), list),
            "one of the roles", lambda s: s.set(PLAN, "owner_roles=[enhetschef, bitr_enhetschef]"))

requirement("R10", "care plans and implementation plans are there in all cases", lambda s: not s.todo("X01", "X02"),
            "a care plan", lambda s: s.void("plan-syn0171"))

requirement("R11", "follow-ups are well documented: results per goal, an assessment, what the child says",
            lambda s: s.one("SELECT count(*) AS n FROM follow_ups f WHERE placement = '%s' AND summary > '' AND child_heard IS NOT NULL"
                            " AND EXISTS (SELECT 1 FROM follow_ups__goal_results g WHERE g.parent = f.id AND g.result IS NOT NULL)" % PLACED) == 2,
            "a follow-up's results per goal", lambda s: s.instead("follow_up-syn0198", lambda d: d.pop("goal_results")))

requirement("R12", "all placements are mapped: a frozen list with yes or no for each plan",
            lambda s: s.one("SELECT count(*) AS n FROM review_rounds r JOIN review_rounds__assignments a ON a.parent = r.id JOIN case_reviews v ON v.round = r.id AND v.\"case\" = a.\"case\""
                            " WHERE r.kind = 'mapping' AND v.answers_care_plan IS NOT NULL AND v.answers_impl_plan IS NOT NULL") ==
            s.one("SELECT count(*) AS n FROM placements WHERE status = 'active' AND form = 'hvb' AND protected = 0") > 0,
            "the sheet of one case", lambda s: s.void("case_review-syn0462"))

requirement("R13", "a case that the mapping flagged has been seen to",
            lambda s: s.sql("SELECT action > '' AS a, action_done_on IS NOT NULL AS d FROM case_reviews v JOIN review_rounds r ON r.id = v.round"
                            " WHERE r.kind = 'mapping' AND needs_action = 'ja'") == [[1, 1]],
            "the day it was done", lambda s: s.unset("case_review-syn0462", "action_done_on"))

requirement("R14", "a workshop on documentation: date, audience, how many came, material",
            lambda s: s.one("SELECT count(*) AS n FROM workshops WHERE kind = 'information' AND audience = 'Handläggare' AND attendees > 0 AND analysis LIKE '%Material%'") == 1,
            "how many came", lambda s: s.unset("workshop-syn02", "attendees"))

requirement("R15", "the deputy head has gone through the placement checklist before the start",
            lambda s: not s.todo("X20", "X29") and s.one("SELECT count(*) AS n FROM placement_checklists k JOIN placements p ON p.id = k.placement WHERE k.reviewed_on <= p.start_on"
                                                         " AND k.reviewed_by IS NOT NULL") == 2,
            "the signature", lambda s: s.unset("placement_checklist-syn0088", "reviewed_by", "reviewed_on"))

requirement("R16", "plans are reviewed by colleagues twice a year", lambda s: not s.todo("X54", today="2026-07-01") and
            s.one("SELECT count(*) AS n FROM case_reviews v JOIN review_rounds r ON r.id = v.round WHERE r.kind = 'plan_review'") >= 1,
            "the spring's round", lambda s: s.void("review_round-syn2603"))

requirement("R17", "one measure may serve two recommendations",
            lambda s: s.one("SELECT count(*) AS n FROM measures m WHERE what LIKE 'Uppdatera checklista%' AND (SELECT count(*) FROM measures__findings f WHERE f.parent = m.id) = 2") == 1,
            "one of the two", lambda s: s.instead("measure-hvb06", lambda d: d.update(findings=["REK4"])))

requirement("R18", "the placement checklist has two variants, in a dated new version",
            lambda s: s.one("SELECT count(*) AS n FROM routines WHERE kind = 'placement_checklist' AND version >= 2 AND valid_from IS NOT NULL AND state = 'final'") == 2 and
            s.sql("SELECT DISTINCT framework FROM placement_checklists ORDER BY 1") == [["inside"], ["outside"]] and not s.todo("X21"),
            "the variant outside the framework agreement", lambda s: s.void("routine-syn06"))

requirement("R19", "the checklist asks for both checks, each linked to the check that was made",
            lambda s: s.one("SELECT count(*) AS n FROM placement_checklists k JOIN provider_checks i ON i.id = k.ivo_check_ref JOIN provider_checks r ON r.id = k.register_check_ref"
                            " WHERE i.ivo_permit_outcome IS NOT NULL AND r.register_routine_outcome IS NOT NULL") == 2,
            "the check it links to", lambda s: s.void("provider_check-syn0302"))

requirement("R20", "permits and register checks are looked at half-yearly and at each new placement", lambda s: not s.todo("X11", "X12") and not s.todo("X13", "X14", today="2026-06-15"),
            "the check of a new placement", lambda s: s.void("provider_check-syn0302"))

requirement("R21", "at a new placement the deputy head makes the check",
            lambda s: not s.todo("X17") and s.one("SELECT count(*) AS n FROM provider_checks k JOIN staff__roles r ON r.parent = k.checked_by AND r.value = 'bitr_enhetschef'"
                                                  " WHERE k.\"trigger\" = 'new_placement'") == 2,
            "the role of who made it", lambda s: s.set("staff-b002", "roles=[handlaggare]"))

requirement("R22", "during a placement the placement officer makes the half-yearly check",
            lambda s: not s.todo("X13", "X14", today="2026-06-15") and s.one("SELECT count(*) AS n FROM provider_checks k JOIN staff__roles r ON r.parent = k.checked_by AND"
                                                                            " r.value = 'placeringssekreterare' WHERE k.period = '2026H1'") == 2,
            "the half-yearly check", lambda s: s.void("provider_check-syn0340"))

requirement("R23", "the routine is looked at twice a year: sample, how many followed it, finding, changed or not",
            lambda s: not s.todo("X66") and s.one("SELECT count(*) AS n FROM routines__reviews q JOIN routines r ON r.id = q.parent WHERE r.kind = 'placement_checklist'"
                                                  " AND q.sample > 0 AND q.followed IS NOT NULL AND q.finding > '' AND q.updated IS NOT NULL") == 2,
            "its reviews", lambda s: s.unset("routine-syn05", "reviews"))

requirement("R24", "there is a follow-up checklist, in force",
            lambda s: s.one("SELECT count(*) AS n FROM routines WHERE kind = 'contract_follow_up' AND state = 'final' AND approved_on IS NOT NULL AND valid_to IS NULL") == 1 and not s.todo("X69"),
            "that it is in force", lambda s: s.set("routine-syn07", "valid_to=2026-06-30"))

requirement("R25", "the handler uses it at follow-up of the intervention and at extension",
            lambda s: s.one("SELECT count(DISTINCT u.value) AS n FROM follow_ups f JOIN follow_ups__purposes u ON u.parent = f.id WHERE f.state = 'final' AND u.value IN ('intervention', 'extension')") == 2,
            "the follow-up before the extension", lambda s: s.void("follow_up-syn0211"))

requirement("R26", "the follow-up checklist lies with the contract",
            lambda s: s.one("SELECT count(*) AS n FROM contracts__extensions x JOIN follow_ups f ON f.id = x.follow_up AND f.contract = x.parent") == 1 and not s.todo("X32"),
            "the link from the extension", lambda s: s.unset(CONTRACT, "extensions.forl1.follow_up"))

requirement("R27", "the administrator reconciles with the handler at each extension",
            lambda s: not s.todo("X32", "X33") and s.one("SELECT count(*) AS n FROM contracts__extensions WHERE reconciled_by IS NOT NULL AND reconciled_on <= decided_on") == 1,
            "the reconciliation", lambda s: s.unset(CONTRACT, "extensions.forl1.reconciled_on"))

requirement("R28", "follow-up every sixth month", lambda s: not s.todo("X03", "X34"),
            "the follow-ups", lambda s: s.void("follow_up-syn0198", "follow_up-syn0211"))

requirement("R29", "the measures are accounted for in T1, T2 and the annual report", lambda s: not s.todo("X63", "X64") and
            s.sql("SELECT period FROM period_reports WHERE submitted_on IS NOT NULL ORDER BY 1") == [["T1"], ["T2"], ["VB"]],
            "the second report", lambda s: s.void("period_report-syn26t2"))

BARE = {"action_plan": PLAN, "findings": ["REK1"], "what": "Prov", "due": {"kind": "continuous", "label": "Kontinuerligt"}, "responsible_roles": ["admin"], "status": "ongoing", "state": "draft"}

requirement("R30", "no measure without how, when and who",
            lambda s: s.one("SELECT count(*) AS n FROM measures m WHERE what > '' AND due_label > '' AND EXISTS (SELECT 1 FROM measures__responsible_roles r WHERE r.parent = m.id)") ==
            s.one("SELECT count(*) AS n FROM measures") and
            all(s.refuses("measure", {k: v for k, v in BARE.items() if k != gone}, gone) for gone in ("what", "due", "responsible_roles")),
            "that the form asks who", lambda s: s.form("measure", "required: [action_plan, findings, what, due, responsible_roles, status, state]", "required: [action_plan, findings, what, due, status, state]"))
