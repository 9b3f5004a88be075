-- id: X45
-- severity: error
-- sv: Omedelbar skyddsbedömning saknas. Den ska göras samma dag eller dagen efter ({due_on}).
-- en: The immediate protection assessment is missing. It is made the same day or the next
--   ({due_on}).
-- next_sv: Skriv in bedömningen
-- next_en: Enter the assessment
-- next: akt edit {record}
-- role: handlaggare
-- requirement: law
-- due: opened_on + protection_days
-- setting: protection_days = 1
SELECT c.id AS record, c.handler AS person,
	date(c.opened_on, '+' || :protection_days || ' days') AS due_on
FROM cases c
WHERE c.channel IN ('concern_report', 'police_report') AND c.protection_assessment_done_on IS NULL
