-- id: X22
-- severity: error
-- sv: Utredningen avslutades {due_on} utan handläggarens checklista för beslutsunderlag.
-- en: The investigation was closed on {due_on} without the writer's checklist for the decision
--   basis.
-- next_sv: Fyll i checklistan
-- next_en: Fill in the checklist
-- next: akt new decision_checklist --set audience=writer --set case={record}
-- next_draft: akt edit {draft}
-- role: handlaggare
-- requirement: R54
-- due: investigation.closed_on
SELECT c.id AS record, c.handler AS person, c.investigation_closed_on AS due_on,
	(SELECT min(d.id) FROM decision_checklists d
		WHERE d."case" = c.id AND d.audience = 'writer' AND d.state = 'draft') AS draft
FROM cases c
WHERE c.investigation_closed_on IS NOT NULL AND NOT hidden(c.dossier, 'work')
	AND NOT EXISTS (SELECT 1 FROM decision_checklists d
		WHERE d."case" = c.id AND d.audience = 'writer' AND d.state = 'final'
			AND d.document_kind IN ('investigation', 'decision'))
