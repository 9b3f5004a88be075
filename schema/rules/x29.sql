-- id: X29
-- severity: warning
-- sv: Checklistan gicks igenom {due_on}, efter att placeringen hade startat ({start_on}). Det går
--   inte att rätta: kvittera med en avvikelse.
-- en: The checklist was gone through on {due_on}, after the placement had started ({start_on}).
--   That cannot be repaired: acknowledge with a deviation.
-- next_sv: Kvittera
-- next_en: Acknowledge
-- next: akt new note --set about={record} --set kind=deviation --set rule=X29
-- role: bitr_enhetschef
-- requirement: R15
-- due: reviewed_on; cannot be repaired: acknowledge with a note
SELECT k.id AS record, p.start_on AS start_on, k.reviewed_by AS person, k.reviewed_on AS due_on
FROM placement_checklists k JOIN placements p ON p.id = k.placement
WHERE k.state = 'final'
	AND k.reviewed_on > CASE WHEN p.acute = 1 THEN date(p.start_on, '+1 day') ELSE p.start_on END
