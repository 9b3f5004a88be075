-- id: X44
-- severity: error
-- sv: Utredningen ska vara avslutad eller förlängd senast {due_on}.
-- en: The investigation must be closed or extended by {due_on}.
-- next_sv: Avsluta eller förläng
-- next_en: Close or extend it
-- next: akt edit {record}
-- lead: 30
-- role: handlaggare
-- requirement: law
-- due: investigation.opened_on + investigation_months, or extended_to
-- setting: investigation_months = 4
SELECT c.id AS record, c.handler AS person,
	coalesce(c.investigation_extended_to,
		date(c.investigation_opened_on, '+' || :investigation_months || ' months')) AS due_on
FROM cases c
WHERE c.stage = 'investigation' AND c.investigation_opened_on IS NOT NULL
	AND c.investigation_closed_on IS NULL
