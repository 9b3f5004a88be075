-- id: X06
-- severity: warning
-- sv: Barnet har snart varit placerat i två år. Vårdplanen ska revideras senast {due_on}.
-- en: The child will have been placed for two years. The care plan must be revised by {due_on}.
-- next_sv: Skriv en ny version av vårdplanen
-- next_en: Write a new version of the care plan
-- next: akt new plan --set kind=care_plan --set placement={record} --set case={case}
-- next_draft: akt edit {draft}
-- lead: 60
-- role: handlaggare
-- requirement: R7 law
-- due: start_on + care_plan_revision_years
-- setting: care_plan_revision_years = 2
SELECT p.id AS record, p."case" AS "case", c.handler AS person,
	date(p.start_on, '+' || :care_plan_revision_years || ' years') AS due_on,
	(SELECT min(k.id) FROM plans k
		WHERE k.placement = p.id AND k.kind = 'care_plan' AND k.state = 'draft') AS draft
FROM placements p LEFT JOIN cases c ON c.id = p."case"
WHERE p.status = 'active' AND NOT hidden(p.dossier, 'care')
	AND NOT EXISTS (SELECT 1 FROM plans k
		WHERE k.placement = p.id AND k.kind = 'care_plan' AND k.state = 'final'
			AND k.drawn_up_on >= date(p.start_on, '+' || :care_plan_revision_years || ' years', '-3 months'))
