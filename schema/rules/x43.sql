-- id: X43
-- severity: error
-- sv: Förhandsbedömningen är inte beslutad. Det ska vara gjort inom 14 dagar: senast {due_on}.
-- en: The pre-assessment has not been decided. That must be done within 14 days: by {due_on}.
-- next_sv: Skriv in beslutet
-- next_en: Enter the decision
-- next: akt edit {record}
-- lead: 3
-- role: handlaggare
-- requirement: law
-- due: opened_on + preassessment_days
-- setting: preassessment_days = 14
SELECT c.id AS record, c.handler AS person,
	date(c.opened_on, '+' || :preassessment_days || ' days') AS due_on
FROM cases c
WHERE c.channel IN ('concern_report', 'police_report')
	AND c.preassessment_extension_reason IS NULL AND c.preassessment_decided_on IS NULL
