-- id: X27
-- severity: error
-- sv: Barnet har inte kommit till tals i utredningen, och det är inte motiverat (checklistan
--   {due_on}). Låt barnet komma till tals, eller motivera.
-- en: The child was not heard in the investigation, and no reason is given (checklist of
--   {due_on}). Let the child be heard, or give the reason.
-- next_sv: Se checklistan
-- next_en: Look at the checklist
-- next: akt show {record}
-- role: handlaggare
-- requirement: R33 R56
-- due: filled_on
SELECT d.id AS record, d.filled_by AS person, d.filled_on AS due_on
FROM decision_checklists d
WHERE d.state = 'final' AND d.answers_child_heard = 'nej'
	AND coalesce(d.answers_child_heard_motive, 'nej') = 'nej'
