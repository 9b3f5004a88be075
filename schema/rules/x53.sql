-- id: X53
-- severity: warning
-- sv: Egenkontroll nummer {n} i år ska vara gjord {due_on}.
-- en: Self-check number {n} of the year must be done by {due_on}.
-- next_sv: Lägg upp omgången, eller stäng den
-- next_en: Set up the round, or close it
-- next: akt new review_round --set kind=self_check --set year={year} --set seq={n}
-- next_draft: akt edit {draft}
-- lead: 30
-- role: samordnare
-- only: unit
-- requirement: R41
-- due: 30 April, 31 August, 31 December
-- setting: self_check_per_year = 3
WITH due(n, day) AS (VALUES (1, '-04-30'), (2, '-08-31'), (3, '-12-31'))
SELECT 'self_check-' || strftime('%Y', :today) || '-' || due.n AS record, due.n AS n,
	strftime('%Y', :today) AS year, NULL AS person, strftime('%Y', :today) || due.day AS due_on,
	(SELECT min(r.id) FROM review_rounds r
		WHERE r.kind = 'self_check' AND r.year = CAST(strftime('%Y', :today) AS INT) AND r.seq = due.n
			AND r.state <> 'void' AND r.status IN ('planned', 'open')) AS draft
FROM due
WHERE due.n <= :self_check_per_year
	AND (SELECT count(*) FROM review_rounds r
		WHERE r.kind = 'self_check' AND r.year = CAST(strftime('%Y', :today) AS INT)
			AND r.status IN ('closed', 'analysed', 'presented')) < due.n
