-- id: X42
-- severity: error
-- sv: Risken för ytterligare våld är inte bedömd. Det ska vara gjort {due_on}.
-- en: The risk of further violence has not been assessed. That must be done by {due_on}.
-- next_sv: Skriv in bedömningen
-- next_en: Enter the assessment
-- next: akt edit {record}
-- lead: 3
-- role: handlaggare
-- requirement: R34
-- due: opened_on + risk_days
-- setting: risk_days = 7
SELECT c.id AS record, c.handler AS person,
	date(c.opened_on, '+' || :risk_days || ' days') AS due_on
FROM cases c
WHERE c.violence_suspected = 'ja' AND coalesce(c.violence_risk_assessed, 'nej') = 'nej'
	AND c.stage <> 'closed'
