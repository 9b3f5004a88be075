-- id: X20
-- severity: error
-- sv: Checklistan för placering är inte genomgången. Det ska vara gjort {due_on}.
-- en: The placement checklist has not been gone through. That must be done by {due_on}.
-- next_sv: Fyll i eller gå igenom checklistan
-- next_en: Fill in the checklist, or go through it
-- next: akt new placement_checklist --set placement={record}
-- next_draft: akt edit {draft}
-- lead: 7
-- role: bitr_enhetschef
-- requirement: R15 R18
-- due: start_on; acute placement: start_on + 1 day
SELECT p.id AS record, c.manager AS person,
	CASE WHEN p.acute = 1 THEN date(p.start_on, '+1 day') ELSE p.start_on END AS due_on,
	(SELECT min(k.id) FROM placement_checklists k
		WHERE k.placement = p.id AND k.state = 'draft') AS draft
FROM placements p LEFT JOIN cases c ON c.id = p."case"
WHERE p.status <> 'ended'
	AND NOT EXISTS (SELECT 1 FROM placement_checklists k
		WHERE k.placement = p.id AND k.state = 'final'
			AND k.reviewed_by IS NOT NULL AND k.reviewed_on IS NOT NULL)
