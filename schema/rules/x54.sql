-- id: X54
-- severity: warning
-- sv: Kollegial granskning av planer nummer {n} i år ska vara gjord {due_on}.
-- en: Plan review number {n} of the year must be done by {due_on}.
-- next_sv: Lägg upp omgången, eller stäng den
-- next_en: Set up the round, or close it
-- next: akt new review_round --set kind=plan_review --set year={year} --set seq={n}
-- next_draft: akt edit {draft}
-- lead: 30
-- role: samordnare
-- only: unit
-- requirement: R16
-- due: 30 June, 31 December
-- setting: plan_review_per_year = 2
WITH due(n, day) AS (VALUES (1, '-06-30'), (2, '-12-31'))
SELECT 'plan_review-' || strftime('%Y', :today) || '-' || due.n AS record, due.n AS n,
	strftime('%Y', :today) AS year, NULL AS person, strftime('%Y', :today) || due.day AS due_on,
	(SELECT min(r.id) FROM review_rounds r
		WHERE r.kind = 'plan_review' AND r.year = CAST(strftime('%Y', :today) AS INT) AND r.seq = due.n
			AND r.state <> 'void' AND r.status IN ('planned', 'open')) AS draft
FROM due
WHERE due.n <= :plan_review_per_year
	AND (SELECT count(*) FROM review_rounds r
		WHERE r.kind = 'plan_review' AND r.year = CAST(strftime('%Y', :today) AS INT)
			AND r.status IN ('closed', 'analysed', 'presented')) < due.n
