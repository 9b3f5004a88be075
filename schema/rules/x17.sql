-- id: X17
-- severity: warning
-- sv: Kontrollen inför placeringen gjordes {due_on} av någon annan än biträdande enhetschef. Låt
--   rätt person göra om den, eller kvittera med en avvikelse.
-- en: The check for the placement was made on {due_on} by somebody else than the deputy head.
--   Have it made anew, or acknowledge with a deviation.
-- next_sv: Kvittera
-- next_en: Acknowledge
-- next: akt new note --set about={record} --set kind=deviation --set rule=X17
-- role: bitr_enhetschef
-- requirement: R21
-- due: checked_on; cannot be repaired: acknowledge with a note
SELECT k.id AS record, k.checked_by AS person, k.checked_on AS due_on
FROM provider_checks k
WHERE k.trigger = 'new_placement' AND k.state = 'final'
	AND NOT EXISTS (SELECT 1 FROM staff__roles r
		WHERE r.parent = k.checked_by AND r.value IN ('bitr_enhetschef', 'enhetschef'))
