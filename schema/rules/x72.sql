-- id: X72
-- severity: info
-- sv: Ärendet kan vara gallringsbart sedan {due_on}. Pröva om det ska gallras.
-- en: The case may be due for deletion since {due_on}. Assess it.
-- next_sv: Gallra efter beslut: två personer
-- next_en: Erase after a decision: two people
-- next: akt erase {record} --basis sol
-- role: admin
-- only: ledning
-- requirement: law
-- due: closed_on + 5 years and, if investigated, 1 January of the year the child turns 31
-- # Who does not read the placements would propose to erase what must be kept.
SELECT c.id AS record, NULL AS person,
	CASE WHEN c.investigation_opened_on IS NOT NULL
		THEN max(date(c.closed_on, '+5 years'), (c.birth_year + 31) || '-01-01')
		ELSE date(c.closed_on, '+5 years') END AS due_on
FROM cases c
WHERE c.stage = 'closed' AND c.closed_on IS NOT NULL AND c.research_sample = 0
	AND NOT EXISTS (SELECT 1 FROM placements p WHERE p."case" = c.id)
