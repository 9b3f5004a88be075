-- id: X56
-- severity: warning
-- sv: Resultatet är inte presenterat i alla grupper. Det ska vara gjort {due_on}.
-- en: The result has not been presented in every team. That must be done by {due_on}.
-- next_sv: Presentera, och skriv in när
-- next_en: Present it, and enter when
-- next: akt edit {record}
-- lead: 7
-- role: bitr_enhetschef
-- requirement: R53
-- due: analysis.done_on + presentation_days
-- setting: presentation_days = 30
SELECT r.id AS record, NULL AS person,
	date(r.analysis_done_on, '+' || :presentation_days || ' days') AS due_on
FROM review_rounds r
WHERE r.analysis_done_on IS NOT NULL
	AND EXISTS (SELECT 1 FROM staff s JOIN staff__roles o ON o.parent = s.id
		WHERE o.value = 'handlaggare' AND s.active_to IS NULL
			AND NOT EXISTS (SELECT 1 FROM review_rounds__presentations q
				WHERE q.parent = r.id AND q.team = s.team))
