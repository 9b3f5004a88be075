-- id: X01
-- severity: error
-- sv: Vårdplan saknas. Den ska finnas {when_sv} ({due_on}).
-- en: The placement has no care plan. There must be one {when_en} ({due_on}).
-- next_sv: Skapa vårdplan
-- next_en: Draw up the care plan
-- next: akt new plan --set kind=care_plan --set placement={record} --set case={case}
-- next_draft: akt edit {draft}
-- lead: 14
-- role: handlaggare
-- requirement: R7 R10 R12
-- due: start_on; acute placement: start_on + acute_care_plan_days
-- setting: acute_care_plan_days = 28
-- # Who reads the placement but not its plans cannot know that one is missing: hidden().
SELECT p.id AS record, p."case" AS "case", c.handler AS person,
	CASE WHEN p.acute = 1 THEN date(p.start_on, '+' || :acute_care_plan_days || ' days')
		ELSE p.start_on END AS due_on,
	CASE WHEN p.acute = 1 THEN 'inom ' || :acute_care_plan_days || ' dagar från akutplaceringen'
		ELSE 'när placeringen startar' END AS when_sv,
	CASE WHEN p.acute = 1 THEN 'within ' || :acute_care_plan_days || ' days of the acute placement'
		ELSE 'when the placement starts' END AS when_en,
	(SELECT min(k.id) FROM plans k
		WHERE k.placement = p.id AND k.kind = 'care_plan' AND k.state = 'draft') AS draft
FROM placements p LEFT JOIN cases c ON c.id = p."case"
WHERE p.status <> 'ended' AND NOT hidden(p.dossier, 'care')
	AND NOT EXISTS (SELECT 1 FROM plans k
		WHERE k.placement = p.id AND k.kind = 'care_plan' AND k.state = 'final')
