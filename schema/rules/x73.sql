-- id: X73
-- severity: error
-- sv: Posten hänvisar till en post som inte finns. Rätta hänvisningen.
-- en: The record refers to one that does not exist. Put the reference right.
-- next_sv: Rätta hänvisningen
-- next_en: Put it right
-- next: akt edit {record}
-- requirement: integrity
-- due: at once
-- # What this person may not read is there all the same: known().
SELECT id AS record, created_by AS person, NULL AS due_on
FROM (SELECT id, created_by, "case" AS one, provider AS other FROM placements
	UNION ALL SELECT id, created_by, placement, "case" FROM plans
	UNION ALL SELECT id, created_by, placement, "case" FROM follow_ups
	UNION ALL SELECT id, created_by, placement, provider FROM contracts
	UNION ALL SELECT id, created_by, "case", round FROM case_reviews)
WHERE NOT known(one) OR NOT known(other)
