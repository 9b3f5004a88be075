-- id: X62
-- severity: warning
-- sv: Åtgärden är markerad genomförd {due_on} men saknar underlag.
-- en: The measure is marked as done on {due_on} and has no evidence.
-- next_sv: Hänvisa till underlaget
-- next_en: Refer to the evidence
-- next: akt edit {record}
-- requirement: R39
-- due: done_on
SELECT m.id AS record, m.assigned_to AS person, m.done_on AS due_on,
	(SELECT group_concat(o.value, ',') FROM measures__responsible_roles o
		WHERE o.parent = m.id) AS role
FROM measures m
WHERE m.state = 'final' AND m.status = 'done' AND NOT EXISTS (SELECT 1 FROM measures__evidence e WHERE e.parent = m.id)
