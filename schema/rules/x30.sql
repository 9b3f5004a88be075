-- id: X30
-- severity: error
-- sv: Placeringen saknar avtal. Det ska finnas när placeringen startar ({due_on}).
-- en: The placement has no contract. There must be one when it starts ({due_on}).
-- next_sv: Registrera avtalet
-- next_en: Register the contract
-- next: akt new contract --set placement={record} --set provider={provider}
-- next_draft: akt edit {draft}
-- lead: 7
-- role: admin
-- requirement: R6
-- due: start_on
SELECT p.id AS record, p.provider AS provider, NULL AS person, p.start_on AS due_on,
	(SELECT min(a.id) FROM contracts a WHERE a.placement = p.id AND a.state = 'draft') AS draft
FROM placements p
WHERE p.status <> 'ended' AND p.framework <> 'not_applicable'
	AND NOT EXISTS (SELECT 1 FROM contracts a WHERE a.placement = p.id AND a.state = 'final')
