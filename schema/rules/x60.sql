-- id: X60
-- severity: error
-- sv: Åtgärden ska vara genomförd {due_on}.
-- en: The measure must be carried out by {due_on}.
-- next_sv: Skriv in hur det går, eller att den är genomförd
-- next_en: Enter how it goes, or that it is done
-- next: akt edit {record}
-- lead: 30
-- requirement: R12 R13 R14 R18 R24 R30
-- due: due.to_on
SELECT m.id AS record, m.assigned_to AS person, m.due_to_on AS due_on,
	(SELECT group_concat(o.value, ',') FROM measures__responsible_roles o
		WHERE o.parent = m.id) AS role
FROM measures m JOIN action_plans p ON p.id = m.action_plan
WHERE p.status = 'adopted' AND m.state = 'final' AND m.status NOT IN ('done', 'cancelled') AND m.due_to_on IS NOT NULL
