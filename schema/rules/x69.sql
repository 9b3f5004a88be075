-- id: X69
-- severity: error
-- sv: En fastställd rutin saknas: {what_sv}.
-- en: There is no approved routine: {what_en}.
-- next_sv: Skriv rutinen, eller skriv in när den fastställdes
-- next_en: Write it, or enter when it was approved
-- next: akt new routine --set kind={kind}
-- next_draft: akt edit {draft}
-- role: placeringssekreterare
-- only: unit
-- requirement: R5 R8
-- due: at once
WITH need(kind, what_sv, what_en) AS (VALUES ('ivo_control', 'kontroll av IVO-tillstånd', 'IVO permit checks'),
	('register_control', 'kontroll av registerkontroller', 'register checks'),
	('placement_checklist', 'checklista för placering', 'placement checklist'),
	('contract_follow_up', 'uppföljning av avtal', 'contract follow-up'))
SELECT 'routine-' || n.kind AS record, n.kind AS kind, n.what_sv AS what_sv, n.what_en AS what_en, NULL AS person, NULL AS due_on,
	(SELECT min(r.id) FROM routines r WHERE r.kind = n.kind AND r.state <> 'void' AND r.valid_to IS NULL) AS draft
FROM need n
WHERE NOT EXISTS (SELECT 1 FROM routines r
	WHERE r.kind = n.kind AND r.state = 'final' AND r.approved_on IS NOT NULL AND r.valid_to IS NULL)
