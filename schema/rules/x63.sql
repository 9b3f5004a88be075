-- id: X63
-- severity: error
-- sv: En öppen åtgärd saknas i periodrapporten. Rapporten ska vara klar {due_on}.
-- en: An open measure is missing from the period report. The report is due on {due_on}.
-- next_sv: Ta med åtgärden
-- next_en: Add the measure
-- next: akt edit {record}
-- role: enhetschef
-- requirement: R29
-- due: period_report.due_on
SELECT r.id AS record, NULL AS person, r.due_on AS due_on
FROM period_reports r
WHERE EXISTS (SELECT 1 FROM measures m JOIN action_plans p ON p.id = m.action_plan
	WHERE p.status = 'adopted' AND m.state = 'final' AND m.created_on <= r.as_of
		AND (m.status NOT IN ('done', 'cancelled') OR m.done_on > date(r.as_of, '-4 months'))
		AND NOT EXISTS (SELECT 1 FROM period_reports__rows x
			WHERE x.parent = r.id AND x.measure = m.id))
