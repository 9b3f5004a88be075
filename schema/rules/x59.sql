-- id: X59
-- severity: error
-- sv: Den mindre interna granskningen efter sommaren saknas. Den ska vara gjord {due_on}.
-- en: The smaller internal review after the summer is missing. It must be done by {due_on}.
-- next_sv: Lägg upp omgången, eller stäng den
-- next_en: Set up the round, or close it
-- next: akt new review_round --set kind=internal_review --set year={year}
-- next_draft: akt edit {draft}
-- lead: 30
-- role: ledningsgrupp
-- requirement: R65 R66
-- due: due_internal_review (31 October) while a plan after IVO's review is adopted
-- setting: due_internal_review = 10-31
SELECT p.id AS record, strftime('%Y', :today) AS year, NULL AS person,
	strftime('%Y', :today) || '-' || :due_internal_review AS due_on,
	(SELECT min(r.id) FROM review_rounds r
		WHERE r.kind = 'internal_review' AND r.year = CAST(strftime('%Y', :today) AS INT)
			AND r.state <> 'void' AND r.status IN ('planned', 'open')) AS draft
FROM action_plans p
WHERE p.source_kind = 'ivo' AND p.status = 'adopted'
	AND NOT EXISTS (SELECT 1 FROM review_rounds r
		WHERE r.kind = 'internal_review' AND r.year = CAST(strftime('%Y', :today) AS INT)
			AND r.status IN ('closed', 'analysed', 'presented'))
