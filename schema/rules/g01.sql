-- id: G01
-- severity: info
-- sv: Avtalet kan vara gallringsbart sedan {due_on} (klass A10). Pröva om det ska gallras.
-- en: The contract may be due for deletion since {due_on} (class A10). Assess it.
-- next_sv: Gallra efter beslut: två personer
-- next_en: Erase after a decision: two people
-- next: akt erase {record} --basis sol
-- role: admin
-- only: administration ledning
-- requirement: law
-- due: keep_contract_years after the contract ended
-- setting: keep_contract_years = 10
-- # Tiden är enhetens eget beslut om gallring. Ett utkast eller ett gällande avtal föreslås aldrig.
SELECT a.id AS record, NULL AS person, date(a.to_on, '+' || :keep_contract_years || ' years') AS due_on
FROM contracts a
WHERE a.state = 'final' AND a.status <> 'active'
