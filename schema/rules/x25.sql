-- id: X25
-- severity: info
-- sv: Handläggarens och chefens svar på checklistan skiljer sig åt ({due_on}). Gå igenom dem
--   tillsammans.
-- en: The writer's and the manager's answers to the checklist differ ({due_on}). Go through them
--   together.
-- next_sv: Se handläggarens svar
-- next_en: See the writer's answers
-- next: akt show {pair}
-- role: bitr_enhetschef
-- requirement: R54 R56 R57 R58 R59 R60
-- due: filled_on of the manager's
SELECT m.id AS record, m.pair AS pair, m.filled_by AS person, m.filled_on AS due_on
FROM decision_checklists m JOIN decision_checklists w ON w.id = m.pair
WHERE m.audience = 'manager' AND m.state = 'final' AND w.state = 'final'
	AND (m.answers_child_heard <> w.answers_child_heard
		OR m.answers_info_report <> w.answers_info_report
		OR m.answers_info_investigation <> w.answers_info_investigation
		OR m.answers_info_intervention <> w.answers_info_intervention
		OR m.answers_info_decision <> w.answers_info_decision
		OR m.answers_communication_boxes <> w.answers_communication_boxes
		OR m.answers_police_decision <> w.answers_police_decision
		OR coalesce(m.answers_health_exam, '') <> coalesce(w.answers_health_exam, ''))
