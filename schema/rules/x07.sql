-- id: X07
-- severity: error
-- sv: Hälsoundersökning är varken begärd eller motiverad. Det ska vara gjort {due_on}.
-- en: A health examination is neither asked for nor explained away. That was to be done by
--   {due_on}.
-- next_sv: Skriv in hur det är med hälsoundersökningen
-- next_en: Enter how it stands with the examination
-- next: akt edit {record}
-- lead: 7
-- role: handlaggare
-- requirement: R60
-- due: start_on + health_init_days
-- setting: health_init_days = 14
SELECT p.id AS record, c.handler AS person,
	date(p.start_on, '+' || :health_init_days || ' days') AS due_on
FROM placements p LEFT JOIN cases c ON c.id = p."case"
WHERE p.status = 'active' AND p.health_exam_status IS NULL
