-- id: X71
-- severity: error
-- sv: Ärendets handläggare slutade {due_on}. Lämna över ärendet.
-- en: The case's handler left on {due_on}. Hand the case over.
-- next_sv: Byt handläggare
-- next_en: Change the handler
-- next: akt edit {record}
-- role: bitr_enhetschef
-- requirement: practice
-- due: the handler's last day
SELECT c.id AS record, c.manager AS person, s.active_to AS due_on
FROM staff s JOIN cases c ON c.handler = s.id
WHERE s.active_to <= :today AND c.stage <> 'closed'
