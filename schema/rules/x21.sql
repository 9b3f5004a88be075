-- id: X21
-- severity: warning
-- sv: Checklistans variant stämmer inte med placeringens eller avtalets avtalsform. Rätta den som
--   är fel.
-- en: The checklist's variant does not fit the placement's or the contract's form of procurement.
--   Put right the one that is wrong.
-- next_sv: Se checklistan
-- next_en: Look at the checklist
-- next: akt show {record}
-- role: placeringssekreterare
-- requirement: R18
-- due: at once
SELECT k.id AS record, NULL AS person, NULL AS due_on
FROM placement_checklists k JOIN placements p ON p.id = k.placement
	LEFT JOIN contracts a ON a.id = p.contract
WHERE k.framework <> p.framework
	OR (a.procurement = 'direct_award' AND p.framework <> 'outside')
	OR (a.procurement IN ('framework_city', 'framework_adda', 'dis') AND p.framework <> 'inside')
