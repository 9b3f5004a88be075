-- id: X67
-- severity: warning
-- sv: Det som kom fram den {held_on} är inte fört vidare. Det ska vara gjort {due_on}.
-- en: What came out of {held_on} has not been taken further. That must be done by {due_on}.
-- next_sv: Skriv in vart resultatet går
-- next_en: Enter where the results go
-- next: akt edit {record}
-- role: ledningsgrupp
-- requirement: R63 R64
-- due: held_on + workshop_days
-- setting: workshop_days = 30
SELECT w.id AS record, w.held_on AS held_on, w.responsible AS person,
	date(w.held_on, '+' || :workshop_days || ' days') AS due_on
FROM workshops w
WHERE NOT EXISTS (SELECT 1 FROM workshops__outcomes o WHERE o.parent = w.id)
	OR EXISTS (SELECT 1 FROM workshops__outcomes o
		WHERE o.parent = w.id AND o.goes_to = 'measure' AND o.measure IS NULL)
