-- id: X26
-- severity: warning
-- sv: Beslutsunderlaget lämnades åter {filled_on} och är inte kompletterat. Det ska vara klart
--   {due_on}.
-- en: The decision basis was returned on {filled_on} and has not been completed. It must be by
--   {due_on}.
-- next_sv: Komplettera, och fyll i checklistan igen
-- next_en: Complete it, and fill in the checklist again
-- next: akt new decision_checklist --set audience=writer --set case={case} --set
--   document_ref={document_ref}
-- next_draft: akt edit {draft}
-- role: handlaggare
-- requirement: R54
-- due: the manager's filled_on + return_days
-- setting: return_days = 10
SELECT m.id AS record, m."case" AS "case", m.document_ref AS document_ref,
	m.filled_on AS filled_on, c.handler AS person,
	date(m.filled_on, '+' || :return_days || ' days') AS due_on,
	(SELECT min(w.id) FROM decision_checklists w
		WHERE w."case" = m."case" AND w.audience = 'writer' AND w.state = 'draft'
			AND w.document_ref = m.document_ref) AS draft
FROM decision_checklists m LEFT JOIN cases c ON c.id = m."case"
WHERE m.audience = 'manager' AND m.state = 'final' AND m.outcome = 'returned'
	AND NOT EXISTS (SELECT 1 FROM decision_checklists w
		WHERE w."case" = m."case" AND w.audience = 'writer' AND w.document_ref = m.document_ref
			AND w.state = 'final' AND w.filled_on > m.filled_on)
