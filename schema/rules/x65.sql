-- id: X65
-- severity: warning
-- sv: Den återkommande åtgärden ska redovisas senast {due_on}.
-- en: The recurring measure must be reported by {due_on}.
-- next_sv: Skriv in läget
-- next_en: Enter how it stands
-- next: akt edit {record}
-- lead: 30
-- requirement: R16 R20 R23 R29
-- due: 12 / times_per_year months after the latest progress entry, else after the record was made
SELECT m.id AS record, m.assigned_to AS person,
	date(coalesce((SELECT max(g.noted_on) FROM measures__progress g WHERE g.parent = m.id),
		m.created_on), '+' || (12 / m.due_times_per_year) || ' months') AS due_on,
	(SELECT group_concat(o.value, ',') FROM measures__responsible_roles o
		WHERE o.parent = m.id) AS role
FROM measures m
WHERE m.state = 'final' AND m.due_kind = 'recurring' AND m.status IN ('ongoing', 'not_started')
	AND m.due_times_per_year > 0
