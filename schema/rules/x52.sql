-- id: X52
-- severity: warning
-- sv: Du har ett ärende att granska. Granskningen ska vara gjord {due_on}.
-- en: There is a case to review. It must be done by {due_on}.
-- next_sv: Fyll i granskningsblanketten
-- next_en: Fill in the review sheet
-- next: akt new case_review --set round={record} --set case={case}
-- next_draft: akt edit {draft}
-- lead: 5
-- role: handlaggare
-- only: samordnare ledning
-- requirement: R42 R43
-- due: the assignment's due_on
-- # A sheet is read by its reviewer and few more: others would miss one that is filled in. So does
-- # who may not read the case any more: it may have become protected, and is not to be named.
SELECT a.parent AS record, a."case" AS "case", a.reviewer AS person, a.due_on AS due_on,
	(SELECT min(v.id) FROM case_reviews v
		WHERE v.round = a.parent AND v."case" = a."case" AND v.reviewer = a.reviewer AND v.state = 'draft') AS draft
FROM review_rounds__assignments a JOIN cases c ON c.id = a."case"
WHERE NOT EXISTS (SELECT 1 FROM case_reviews v
		WHERE v.round = a.parent AND v."case" = a."case" AND v.reviewer = a.reviewer
			AND v.state = 'final')
