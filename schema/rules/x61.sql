-- id: X61
-- severity: error
-- sv: En punkt i granskningen saknar åtgärd. Besluta vad som ska göras.
-- en: A finding has no measure. Decide what is to be done.
-- next_sv: Lägg till en åtgärd
-- next_en: Add a measure
-- next: akt new measure --set action_plan={record}
-- next_draft: akt edit {draft}
-- role: enhetschef
-- requirement: R4 R32 R33 R34 R35
-- due: at once
SELECT DISTINCT p.id AS record, NULL AS person, NULL AS due_on,
	(SELECT min(m.id) FROM measures m WHERE m.action_plan = p.id AND m.state = 'draft') AS draft
FROM action_plans p JOIN action_plans__findings f ON f.parent = p.id
WHERE p.status = 'adopted'
	AND NOT EXISTS (SELECT 1 FROM measures m JOIN measures__findings x ON x.parent = m.id
		WHERE m.action_plan = p.id AND x.value = f.key AND m.state = 'final'
			AND m.status <> 'cancelled')
