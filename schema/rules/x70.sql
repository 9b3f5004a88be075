-- id: X70
-- severity: error
-- sv: Posten hör till ett ärende med skyddade personuppgifter men är inte märkt som skyddad. Märk
--   den.
-- en: The record belongs to a protected case and is not marked as protected. Mark it.
-- next_sv: Märk posten
-- next_en: Mark it
-- next: akt set {record} protected=true --why X70
-- role: bitr_enhetschef
-- requirement: law
-- due: at once
SELECT x.id AS record, c.manager AS person, NULL AS due_on
FROM cases c JOIN (SELECT id, "case", protected FROM placements
	UNION ALL SELECT id, "case", protected FROM plans
	UNION ALL SELECT id, "case", protected FROM follow_ups
	UNION ALL SELECT id, "case", protected FROM decision_checklists
	UNION ALL SELECT id, "case", protected FROM case_reviews) x ON x."case" = c.id
WHERE c.protected = 1 AND x.protected = 0
