-- id: X75
-- severity: error
-- sv: Posten och dess placering hör till olika ärenden eller utförare. Rätta den som är fel.
-- en: The record and its placement belong to different cases or providers. Put right the one that
--   is wrong.
-- next_sv: Se posten
-- next_en: Look at it
-- next: akt show {record}
-- role: handlaggare
-- requirement: integrity
-- due: at once
SELECT k.id AS record, k.created_by AS person, NULL AS due_on
FROM plans k JOIN placements p ON p.id = k.placement WHERE p."case" <> k."case"
UNION SELECT f.id, f.created_by, NULL
FROM follow_ups f JOIN placements p ON p.id = f.placement WHERE p."case" <> f."case"
UNION SELECT a.id, a.created_by, NULL
FROM contracts a JOIN placements p ON p.id = a.placement WHERE p.provider <> a.provider
