-- id: X73
-- severity: error
-- sv: Posten hänvisar till en post som inte finns, eller som har gallrats. Rätta hänvisningen, eller
--   pröva om också den här ska gallras.
-- en: The record refers to one that does not exist, or that has been erased. Put the reference right,
--   or consider whether this one is to be erased too.
-- next_sv: Rätta hänvisningen
-- next_en: Put it right
-- next: akt edit {record}
-- requirement: integrity
-- due: at once
-- # What this person may not read is there all the same: known(). Who made the record may only have
-- # imported it, so the case's handler answers for it, or the role that keeps such records.
SELECT x.id AS record, c.handler AS person, x.role AS role, NULL AS due_on
FROM (SELECT id, "case", "case" AS one, provider AS other, 'handlaggare' AS role FROM placements
	UNION ALL SELECT id, "case", placement, "case", 'handlaggare' FROM plans
	UNION ALL SELECT id, "case", placement, "case", 'handlaggare' FROM follow_ups
	UNION ALL SELECT a.id, p."case", a.placement, a.provider, 'admin'
		FROM contracts a LEFT JOIN placements p ON p.id = a.placement
	UNION ALL SELECT id, "case", "case", round, 'samordnare' FROM case_reviews) x
	LEFT JOIN cases c ON c.id = x."case"
WHERE NOT known(x.one) OR NOT known(x.other)
