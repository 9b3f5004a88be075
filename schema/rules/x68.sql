-- id: X68
-- severity: warning
-- sv: Rutinen är inte kommunicerad till medarbetarna. Det ska vara gjort {due_on}.
-- en: The routine has not been communicated to the staff. That must be done by {due_on}.
-- next_sv: Kommunicera den, och skriv in när
-- next_en: Do so, and enter when
-- next: akt edit {record}
-- role: bitr_enhetschef
-- requirement: R55
-- due: valid_from + routine_sent_days
-- setting: routine_sent_days = 30
SELECT r.id AS record, NULL AS person,
	date(r.valid_from, '+' || :routine_sent_days || ' days') AS due_on
FROM routines r
WHERE r.state = 'final' AND r.valid_to IS NULL
	AND NOT EXISTS (SELECT 1 FROM routines__communicated q WHERE q.parent = r.id)
