-- id: X40
-- severity: error
-- sv: Ställningstagande till polisanmälan saknas i våldsärendet. Det ska finnas, med motivering,
--   senast {due_on}.
-- en: The violence case has no decision on a police report. There must be one, with reasons, by
--   {due_on}.
-- next_sv: Skriv in ställningstagandet
-- next_en: Enter the decision
-- next: akt edit {record}
-- lead: 7
-- role: handlaggare
-- requirement: R35 R49 R59
-- due: opened_on + police_decision_days, at the latest when the investigation closes
-- setting: police_decision_days = 14
SELECT c.id AS record, c.handler AS person,
	min(date(c.opened_on, '+' || :police_decision_days || ' days'),
		coalesce(c.investigation_closed_on, '9999-12-31')) AS due_on
FROM cases c
WHERE c.violence_suspected = 'ja'
	AND NOT EXISTS (SELECT 1 FROM cases__police_decisions d
		WHERE d.parent = c.id AND length(trim(coalesce(d.motive, ''))) > 0)
