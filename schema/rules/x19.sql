-- id: X19
-- severity: warning
-- sv: Kontrollen gjordes {due_on}, efter att placeringen hade startat ({start_on}). Det går inte
--   att rätta: kvittera med en avvikelse.
-- en: The check was made on {due_on}, after the placement had started ({start_on}). That cannot
--   be repaired: acknowledge with a deviation.
-- next_sv: Kvittera
-- next_en: Acknowledge
-- next: akt new note --set about={record} --set kind=deviation --set rule=X19
-- role: bitr_enhetschef
-- requirement: R20 R21
-- due: checked_on; cannot be repaired: acknowledge with a note
SELECT k.id AS record, p.start_on AS start_on, k.checked_by AS person, k.checked_on AS due_on
FROM provider_checks k JOIN placements p ON p.id = k.placement
WHERE k.trigger = 'new_placement' AND k.state = 'final' AND k.checked_on > p.start_on
