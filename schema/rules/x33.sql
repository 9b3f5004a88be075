-- id: X33
-- severity: warning
-- sv: Förlängningen {due_on} är inte avstämd med handläggaren.
-- en: The extension of {due_on} was not reconciled with the handler.
-- next_sv: Stäm av, och skriv in när
-- next_en: Do so, and enter when
-- next: akt edit {record}
-- role: admin
-- requirement: R27
-- due: extension.decided_on
SELECT DISTINCT a.id AS record, NULL AS person, x.decided_on AS due_on
FROM contracts a JOIN contracts__extensions x ON x.parent = a.id
WHERE a.state = 'final' AND x.reconciled_on IS NULL
