-- id: X08
-- severity: warning
-- sv: Hälsoundersökningen är inte genomförd. Det skulle den vara senast {due_on}.
-- en: The health examination has not been carried out. It was to be by {due_on}.
-- next_sv: Skriv in när den gjordes, eller varför inte
-- next_en: Enter when it was, or why not
-- next: akt edit {record}
-- lead: 14
-- role: handlaggare
-- requirement: R60
-- due: start_on + health_done_days
-- setting: health_done_days = 60
SELECT p.id AS record, c.handler AS person,
	date(p.start_on, '+' || :health_done_days || ' days') AS due_on
FROM placements p LEFT JOIN cases c ON c.id = p."case"
WHERE p.status = 'active' AND p.health_exam_status IN ('initiated', 'offered')
