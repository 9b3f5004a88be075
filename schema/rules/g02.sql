-- id: G02
-- severity: info
-- sv: Utföraren och dess kontroller kan vara gallringsbara sedan {due_on} (klass A10). Pröva om de ska
--   gallras.
-- en: The provider and its controls may be due for deletion since {due_on} (class A10). Assess them.
-- next_sv: Gallra efter beslut: två personer
-- next_en: Erase after a decision: two people
-- next: akt erase {record} --basis sol
-- role: admin
-- only: ledning
-- requirement: law
-- due: keep_contract_years after it was last used or checked
-- setting: keep_contract_years = 10
-- # Kontrollerna ligger i utförarens akt och gallras med den. Placeringar, avtal och den senaste kontrollen räknas; en
-- # placering som pågår håller kvar den. Den som inte läser alla placeringar skulle föreslå för tidigt.
SELECT v.id AS record, NULL AS person, date(max(v.created_on,
	coalesce((SELECT max(p.end_on) FROM placements p WHERE p.provider = v.id), ''),
	coalesce((SELECT max(a.to_on) FROM contracts a WHERE a.provider = v.id), ''),
	coalesce((SELECT max(k.checked_on) FROM provider_checks k WHERE k.provider = v.id), '')),
	'+' || :keep_contract_years || ' years') AS due_on
FROM providers v
WHERE v.active = 0
	AND NOT EXISTS (SELECT 1 FROM placements p WHERE p.provider = v.id AND p.status <> 'ended')
