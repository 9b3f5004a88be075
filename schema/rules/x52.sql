-- id: X52
-- severity: warning
-- sv: Du har ett ärende att granska. Granskningen ska vara gjord {due_on}.
-- en: There is a case to review. It must be done by {due_on}.
-- next_sv: Fyll i granskningsblanketten
-- next_en: Fill in the review sheet
-- next: akt new case_review --set round={record} --set case={case}
-- lead: 5
-- role: handlaggare
-- only: samordnare ledning
-- requirement: R42 R43
-- due: the assignment's due_on
-- # A sheet is read by its reviewer and few more: others would miss one that is filled in.
SELECT a.parent AS record, a."case" AS "case", a.reviewer AS person, a.due_on AS due_on
FROM review_rounds__assignments a
WHERE NOT EXISTS (SELECT 1 FROM case_reviews v
		WHERE v.round = a.parent AND v."case" = a."case" AND v.reviewer = a.reviewer
			AND v.state = 'final')
