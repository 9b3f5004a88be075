"""R31 to R66: the action plan after the review of violence in close relationships."""
import shutil

from audit import CASE
from store import TODAY, copy

PLAN = "action_plan-syn02"
REQUIREMENTS = {}


def requirement(rid, title, check, without, how):
    REQUIREMENTS[rid] = title, check, (without, how)


def answered(s, field, table="case_reviews"):
    return s.one("SELECT count(answers_%s) AS n FROM %s WHERE state = 'final'" % (field, table))


REVIEWS = ("case_review-syn0455", "case_review-syn0457", "case_review-syn0459")
LISTS = ("decision_checklist-syn1871", "decision_checklist-syn1877", "decision_checklist-syn1902", "decision_checklist-syn1903")


def asks(s, kind, need, data, change, missing):
    """With that answer the next question has to be answered too."""
    d = {**data, "answers": {**data["answers"], **change}}
    full = {**d, "answers": {**d["answers"], missing: need}}
    t = copy(s, "asked")  # what is not refused is saved
    try:
        return t.refuses(kind, d, "answers." + missing) and not t.refuses(kind, full, "answers.")
    finally:
        shutil.rmtree(t.store)


def review(s, change, missing):
    base = {"round": "review_round-syn2602", "case": CASE, "reviewer": "staff-h031", "form": "vinr_v1", "reviewed_on": "2026-08-20", "needs_action": "nej", "state": "draft",
            "answers": {"decision_motivated": "ja", "pre_child_heard": "ja", "inv_child_heard": "ja", "best_interests": "ja", "child_attitude": "ja", "violence_case": "nej"}}
    return asks(s, "case_review", "ja", base, change, missing)


def decision(s, change, missing):
    base = {"audience": "writer", "case": CASE, "document_kind": "decision", "document_ref": "BES-SYN-1", "filled_by": "staff-h017", "filled_on": "2026-03-10", "state": "draft",
            "answers": {"child_heard": "ja", "info_report": "ja", "info_investigation": "ja", "info_intervention": "ja", "info_decision": "ja", "communication_boxes": "ja",
                        "child_communicated": "ja", "police_decision": "nej", "placed": "nej"}}
    return asks(s, "decision_checklist", "ja", base, change, missing)


requirement("R31", "the review is named, and that only the children's part is ours",
            lambda s: s.one("SELECT count(*) AS n FROM action_plans WHERE source_kind = 'ivo' AND source_year = 2020 AND aim LIKE '%både gällande vuxenärenden och barnärenden%'"
                            " AND conclusion LIKE '%kritik gällande barnärenden%'") == 1,
            "the scope", lambda s: s.instead(PLAN, lambda d: d.update(conclusion="IVO har kommit med kritik.")))

requirement("R32", "enough basis for decisions: a measure, and a question in the review",
            lambda s: s.one("SELECT count(*) AS n FROM measures m JOIN measures__findings f ON f.parent = m.id AND f.value = 'KRIT1' WHERE m.status <> 'cancelled'") >= 1 and answered(s, "basis_sufficient") >= 2,
            "the answers", lambda s: s.void(*REVIEWS))

requirement("R33", "information to the child and the child's voice are asked for in checklist and review",
            lambda s: all(answered(s, k, "decision_checklists") == 4 for k in ("child_heard", "info_report", "info_investigation", "info_intervention", "info_decision")) and
            answered(s, "pre_child_heard") >= 2 and answered(s, "inv_child_heard") >= 2,
            "a checklist", lambda s: s.void(LISTS[0]))

requirement("R34", "the risk of further violence is assessed: level, day and motive",
            lambda s: not s.todo("X42") and s.one("SELECT count(*) AS n FROM cases WHERE violence_suspected = 'ja' AND violence_risk_level IS NOT NULL AND violence_risk_assessed_on IS NOT NULL"
                                                  " AND violence_risk_motive > ''") == 1,
            "the assessment", lambda s: s.set(CASE, "violence={suspected: ja, kinds: [exposed], risk_assessed: nej}"))

requirement("R35", "the standpoint on reporting to the police is documented",
            lambda s: not s.todo("X40", "X41") and s.one("SELECT count(*) AS n FROM cases__police_decisions WHERE parent = '%s' AND motive > ''" % CASE) == 1,
            "the standpoint", lambda s: s.unset(CASE, "police_decisions"))

requirement("R36", "the work belongs to the management system (SOSFS 2011:9)",
            lambda s: s.one("SELECT count(*) AS n FROM routines WHERE kind = 'self_check' AND text LIKE '%SOSFS 2011:9%'") == 1 and
            s.one("SELECT count(*) AS n FROM action_plans WHERE source_kind = 'ivo' AND approach LIKE '%systematiska kvalitetsarbetet%'") == 1,
            "the routine for the self-check", lambda s: s.void("routine-syn08"))

requirement("R37", "work over time: a recurring measure lives on after it was done once",
            lambda s: s.one("SELECT count(*) AS n FROM measures m WHERE action_plan = '%s' AND due_kind = 'recurring' AND status = 'ongoing'"
                            " AND (SELECT count(*) FROM measures__progress g WHERE g.parent = m.id) >= 2" % PLAN) >= 1 and
            s.one("SELECT from_on FROM action_plans WHERE id = '%s'" % PLAN) == "2021-01-01",
            "that it goes on", lambda s: s.set("measure-syn0114", "status=done", "done_on=2026-08-31"))

requirement("R38", "the earlier review of the same group can be seen beside this one",
            lambda s: s.one("SELECT count(*) AS n FROM action_plans p JOIN action_plans e ON e.id = p.predecessor JOIN action_plans__findings f ON f.parent = e.id"
                            " WHERE p.source_kind = 'ivo' AND p.status = 'adopted'") == 2,
            "the earlier review", lambda s: s.void("action_plan-syn03"))

requirement("R39", "what is done has evidence", lambda s: not s.todo("X62") and s.one("SELECT count(*) AS n FROM measures WHERE status = 'done'") > 5,
            "a measure's evidence", lambda s: s.unset("measure-vinr05", "evidence"))

requirement("R40", "the unit has made its self-check, with results", lambda s: s.one("SELECT count(*) AS n FROM review_rounds WHERE kind = 'self_check' AND year = 2026 AND seq = 1"
                                                                                   " AND status IN ('closed', 'analysed', 'presented') AND analysis_findings > ''") == 1,
            "the round", lambda s: s.void("review_round-syn2601"))

requirement("R41", "self-checks three times a year", lambda s: not s.todo("X53", today="2026-09-01"), "a round", lambda s: s.void("review_round-syn2602"))

requirement("R42", "by colleagues: one sheet for each assignment", lambda s: not s.todo("X52") and s.one("SELECT count(*) AS n FROM review_rounds__assignments") >= 3,
            "a sheet", lambda s: s.void("case_review-syn0457"))

requirement("R43", "each other's cases, never one's own", lambda s: not s.todo("X50", "X51") and s.one("SELECT count(*) AS n FROM review_rounds__assignments") >= 3,
            "that the reviewer is not the handler", lambda s: s.set(CASE, "handler=staff-h031"))


def question(rid, title, *fields):
    requirement(rid, title, lambda s: all(answered(s, k) >= 1 for k in fields) and
                all(s.one("SELECT count(*) AS n FROM case_reviews WHERE form = 'vinr_v1' AND answers_%s IS NULL" % k) == 0 for k in fields),
                "the answers", lambda s: s.void(*REVIEWS))


def follow_on(rid, title, change, missing, old, new="required: []"):
    requirement(rid, title, lambda s: review(s, change, missing), "that the form asks on", lambda s: s.form("case_review", old, new))


question("R44", "is the decision clearly motivated", "decision_motivated")
follow_on("R45", "if the child was not heard in the pre-assessment, is it motivated", {"pre_child_heard": "nej"}, "pre_motive", "required: [pre_motive]")
follow_on("R46", "was the child heard in the investigation, and if not, is it motivated", {"inv_child_heard": "nej"}, "inv_motive", "required: [inv_motive]")
question("R47", "are the child's best interests in the analysis", "best_interests")
question("R48", "is the child's attitude documented", "child_attitude")
requirement("R49", "in a violence case: a police report, or a decision not to report",
            lambda s: review(s, {"violence_case": "ja"}, "police_report") and review(s, {"violence_case": "ja", "police_report": "nej"}, "police_no_report_decision"),
            "that the form asks on", lambda s: s.form("case_review", "required: [police_no_report_decision]", "required: []"))
question("R50", "further questions on report, basis, paper file and digital file", "report_complete", "basis_sufficient", "paper_file_ok", "digital_file_ok")
requirement("R51", "what can be learnt is kept for each round",
            lambda s: s.one("SELECT count(*) AS n FROM case_reviews WHERE round = 'review_round-syn2602' AND learning > ''") == 2,
            "the learning of one sheet", lambda s: s.instead("case_review-syn0459", lambda d: d.pop("learning")))
requirement("R52", "results are analysed by management, with a date", lambda s: not s.todo("X55", today="2026-09-15") and
            s.one("SELECT count(*) AS n FROM review_rounds WHERE kind = 'self_check' AND analysis_done_on IS NOT NULL AND analysis_findings > ''") == 1,
            "the analysis", lambda s: (s.set("review_round-syn2601", "status=closed"), s.unset("review_round-syn2601", "analysis")))
requirement("R53", "and presented in every group, with a date", lambda s: not s.todo("X56") and
            s.one("SELECT count(DISTINCT team) AS n FROM review_rounds__presentations WHERE parent = 'review_round-syn2601'") == 2,
            "one group's presentation", lambda s: s.unset("review_round-syn2601", "presentations.utr2"))
requirement("R54", "two checklists: one for whoever writes, one for the manager who reads", lambda s: not s.todo("X22", "X23", "X24") and
            s.one("SELECT count(*) AS n FROM decision_checklists m JOIN decision_checklists w ON w.id = m.pair WHERE m.audience = 'manager' AND w.audience = 'writer'") == 2,
            "a manager's checklist", lambda s: s.void("decision_checklist-syn1903"))
requirement("R55", "they are communicated to all staff", lambda s: not s.todo("X68") and
            s.one("SELECT count(*) AS n FROM routines r JOIN routines__communicated c ON c.parent = r.id WHERE r.kind = 'decision_basis' AND c.\"to\" > '' AND c.sent_on = '2020-12-31'") == 2,
            "when and to whom", lambda s: s.unset("routine-syn09", "communicated"))


def list_follow_on(rid, title, change, missing, more=lambda s: True):
    requirement(rid, title, lambda s: decision(s, change, missing) and more(s), "that the form asks on",
                lambda s: s.form("decision_checklist", "required: [%s]" % missing, "required: []"))


list_follow_on("R56", "was the child heard, and if not, is there a motive", {"child_heard": "nej"}, "child_heard_motive", lambda s: not s.todo("X27"))
requirement("R57", "information to the child at report, investigation, intervention and decision: four answers",
            lambda s: all(answered(s, "info_" + k, "decision_checklists") == 4 for k in ("report", "investigation", "intervention", "decision")),
            "the answers of one", lambda s: s.void(LISTS[2]))
list_follow_on("R58", "are the communication boxes filled in, and if the child was not told, is there a motive", {"child_communicated": "nej"}, "child_not_communicated_motive",
               lambda s: answered(s, "communication_boxes", "decision_checklists") == 4)
list_follow_on("R59", "is there a decision on reporting to the police, and a motive", {"police_decision": "ja"}, "police_motive")
list_follow_on("R60", "if the child is placed, has the health examination been made", {"placed": "ja"}, "health_exam", lambda s: not s.todo("X07"))
requirement("R61", "a workshop with the whole unit on 20 January", lambda s: s.one("SELECT count(*) AS n FROM workshops WHERE kind = 'workshop' AND held_on = '2021-01-20' AND audience = 'Hela enheten'") == 1,
            "that it was the whole unit", lambda s: s.instead("workshop-syn01", lambda d: d.update(audience="Två grupper")))
requirement("R62", "five questions to discuss, answered by each group",
            lambda s: s.sql("SELECT key FROM workshops__questions WHERE parent = 'workshop-syn01' ORDER BY 1") == [["D%d" % i] for i in range(1, 6)] and
            all(len(q.get("answers", [])) == 2 for q in s.show("workshop-syn03")["questions"]),
            "a group's answers", lambda s: s.unset("workshop-syn03", "questions.d4.answers"))
requirement("R63", "what came of it goes to activities or measures", lambda s: not s.todo("X67") and s.one("SELECT count(*) AS n FROM workshops__outcomes WHERE goes_to = 'vp_activity'") >= 2,
            "a workshop's outcomes", lambda s: s.unset("workshop-syn01", "outcomes"))
requirement("R64", "and on to discussions in the groups, dated", lambda s: s.one("SELECT count(*) AS n FROM workshops w JOIN workshops__outcomes o ON o.parent = w.id WHERE w.kind = 'group_discussion'"
                                                                               " AND o.goes_to = 'group_discussion' AND held_on > '2021-01-20'") == 1,
            "the discussion", lambda s: s.void("workshop-syn03"))
requirement("R65", "a smaller internal review after the summer, with something to compare with",
            lambda s: s.one("SELECT count(*) AS n FROM review_rounds r JOIN review_rounds b ON b.id = r.baseline WHERE r.kind = 'internal_review' AND r.opens_on >= '2026-09-01'") == 1 and
            not s.todo("X59"), "what it is compared with", lambda s: s.unset("review_round-syn2604", "baseline"))


def compared(s):
    """The report on self-checks shows a question's share in two rounds of the same form, and the change."""
    report = s.json("report", "rp3", "--today", TODAY)
    rows = [r for part in report["sections"] if part["id"] == "questions" for r in part["rows"] if r["question"].startswith("Q4")]
    return len(rows) == 2 and rows[1]["pct"] - rows[0]["pct"] == rows[1]["change"] == 100 and not s.todo("X57")


requirement("R66", "a difference in results can be seen: the same form, question by question", compared,
            "the sheet of the round before", lambda s: s.void("case_review-syn0455"))
