-- id: X74
-- severity: warning
-- sv: Loggkontroll ska göras varje månad: senast {due_on}.
-- en: The access log must be reviewed every month: by {due_on}.
-- next_sv: Gör kontrollen, och skriv in den
-- next_en: Do so, and enter it
-- next: akt new note --set kind=log_review
-- next_draft: akt edit {draft}
-- lead: 7
-- role: enhetschef
-- only: unit
-- requirement: law
-- due: log_review_days after the latest, else after log_review_from
-- setting: log_review_days = 31
-- setting: log_review_from = 2026-01-01
SELECT 'unit' AS record, NULL AS person,
	date(coalesce((SELECT max(n.created_on) FROM notes n
		WHERE n.kind = 'log_review' AND n.state = 'final'), :log_review_from),
		'+' || :log_review_days || ' days') AS due_on,
	(SELECT min(n.id) FROM notes n WHERE n.kind = 'log_review' AND n.state = 'draft') AS draft
