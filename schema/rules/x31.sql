-- id: X31
-- severity: error
-- sv: Avtalet gäller till {due_on}, och placeringen pågår. Förläng eller avsluta.
-- en: The contract ends on {due_on}, and the placement goes on. Extend or end it.
-- next_sv: Stäm av med handläggaren och skriv in förlängningen
-- next_en: Check with the handler and enter the extension
-- next: akt edit {record}
-- lead: contract_end_lead_days
-- role: admin
-- requirement: R6 R27
-- due: contract.to_on
-- setting: contract_end_lead_days = 45
SELECT a.id AS record, NULL AS person, a.to_on AS due_on
FROM contracts a JOIN placements p ON p.id = a.placement
WHERE a.state = 'final' AND a.status = 'active' AND p.status = 'active'
	AND (p.planned_end_on IS NULL OR p.planned_end_on > a.to_on OR a.to_on < :today)
