-- id: X41
-- severity: error
-- sv: Polisanmälan beslutades {decided_on} men är inte upprättad. Det ska vara gjort {due_on}.
-- en: A police report was decided on {decided_on} and has not been made. That must be done by
--   {due_on}.
-- next_sv: Skriv in när den upprättades
-- next_en: Enter when it was made
-- next: akt edit {record}
-- role: handlaggare
-- requirement: R49
-- due: decided_on + police_report_days
-- setting: police_report_days = 3
SELECT c.id AS record, min(d.decided_on) AS decided_on, c.handler AS person,
	date(min(d.decided_on), '+' || :police_report_days || ' days') AS due_on
FROM cases c JOIN cases__police_decisions d ON d.parent = c.id
WHERE d.decision = 'report' AND d.reported_on IS NULL
GROUP BY c.id
