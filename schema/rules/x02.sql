-- id: X02
-- severity: error
-- sv: Genomförandeplan saknas. Den ska vara klar {due_on}.
-- en: The placement has no implementation plan. It was to be ready by {due_on}.
-- next_sv: Skapa genomförandeplan
-- next_en: Draw up the implementation plan
-- next: akt new plan --set kind=implementation_plan --set placement={record} --set case={case}
-- next_draft: akt edit {draft}
-- lead: 14
-- role: handlaggare
-- requirement: R7 R10 R12
-- due: start_on + impl_plan_days
-- setting: impl_plan_days = 30
SELECT p.id AS record, p."case" AS "case", c.handler AS person,
	date(p.start_on, '+' || :impl_plan_days || ' days') AS due_on,
	(SELECT min(k.id) FROM plans k
		WHERE k.placement = p.id AND k.kind = 'implementation_plan' AND k.state = 'draft') AS draft
FROM placements p LEFT JOIN cases c ON c.id = p."case"
WHERE p.status = 'active' AND NOT hidden(p.dossier, 'care')
	AND NOT EXISTS (SELECT 1 FROM plans k
		WHERE k.placement = p.id AND k.kind = 'implementation_plan' AND k.state = 'final')
