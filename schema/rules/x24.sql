-- id: X24
-- severity: error
-- sv: Samma person har fyllt i både handläggarens och chefens checklista ({due_on}). Låt en annan
--   chef läsa underlaget.
-- en: The same person filled in both the writer's and the manager's checklist ({due_on}). Have
--   another manager read it.
-- next_sv: Fyll i en ny checklista
-- next_en: Fill in a new checklist
-- next: akt new decision_checklist --set audience=manager --set case={case} --set pair={pair}
-- next_draft: akt edit {draft}
-- role: bitr_enhetschef
-- requirement: R54
-- # + keeps SQLite from looking for all that one person filled in: far too many.
-- due: filled_on of the manager's
SELECT m.id AS record, m."case" AS "case", m.pair AS pair, m.filled_by AS person,
	m.filled_on AS due_on,
	(SELECT min(o.id) FROM decision_checklists o
		WHERE o.pair = m.pair AND o.audience = 'manager' AND o.state = 'draft') AS draft
FROM decision_checklists m JOIN decision_checklists w ON w.id = m.pair
WHERE m.audience = 'manager' AND m.state = 'final' AND +m.filled_by = w.filled_by
	AND NOT EXISTS (SELECT 1 FROM decision_checklists o
		WHERE o.pair = m.pair AND o.state = 'final' AND o.audience = 'manager'
			AND o.filled_by <> w.filled_by)
