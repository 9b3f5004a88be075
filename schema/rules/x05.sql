-- id: X05
-- severity: error
-- sv: Övervägande eller omprövning ska göras var sjätte månad: senast {due_on}.
-- en: The care must be considered or reconsidered every six months: by {due_on}.
-- next_sv: Skriv in övervägandet
-- next_en: Enter the consideration
-- next: akt edit {record}
-- lead: 30
-- role: handlaggare
-- requirement: law
-- due: consideration_months after the latest, else after start_on
-- setting: consideration_months = 6
SELECT p.id AS record, c.handler AS person,
	date(coalesce((SELECT max(x.considered_on) FROM placements__considerations x
			WHERE x.parent = p.id AND x.kind IN ('overvagande', 'omprovning')), p.start_on),
		'+' || :consideration_months || ' months') AS due_on
FROM placements p LEFT JOIN cases c ON c.id = p."case"
WHERE p.status = 'active'
