-- id: X69
-- severity: error
-- sv: En fastställd rutin saknas för IVO-kontroll, registerkontroll, checklista för placering
--   eller avtalsuppföljning.
-- en: There is no approved routine for IVO checks, register checks, the placement checklist or
--   contract follow-up.
-- next_sv: Skriv rutinen, eller skriv in när den fastställdes
-- next_en: Write it, or enter when it was approved
-- next: akt new routine --set kind={kind}
-- role: placeringssekreterare
-- requirement: R5 R8
-- due: at once
WITH need(kind) AS (VALUES ('ivo_control'), ('register_control'), ('placement_checklist'),
	('contract_follow_up'))
SELECT 'routine-' || n.kind AS record, n.kind AS kind, NULL AS person, NULL AS due_on
FROM need n
WHERE NOT EXISTS (SELECT 1 FROM routines r
	WHERE r.kind = n.kind AND r.state = 'final' AND r.approved_on IS NOT NULL AND r.valid_to IS NULL)
