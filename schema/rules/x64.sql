-- id: X64
-- severity: error
-- sv: Periodrapporten {period} {year} ska lämnas senast {due_on}.
-- en: The period report {period} {year} must be submitted by {due_on}.
-- next_sv: Skriv rapporten, eller skriv in när den lämnades
-- next_en: Write it, or enter when it was submitted
-- next: akt new period_report --set period={period} --set year={year}
-- next_draft: akt edit {draft}
-- lead: 21
-- role: enhetschef
-- requirement: R29
-- due: due_t1, due_t2, due_vb: 15 May, 15 September, 31 January
-- setting: due_t1 = 05-15
-- setting: due_t2 = 09-15
-- setting: due_vb = 01-31
WITH due(period, back, day) AS (VALUES ('T1', 0, :due_t1), ('T2', 0, :due_t2), ('VB', -1, :due_vb)),
	report(period, year, due_on) AS (SELECT period, CAST(strftime('%Y', :today) AS INT) + back,
		strftime('%Y', :today) || '-' || day FROM due)
SELECT 'period_report-' || e.year || e.period AS record, e.period AS period, e.year AS year,
	NULL AS person, e.due_on AS due_on,
	(SELECT min(r.id) FROM period_reports r
		WHERE r.period = e.period AND r.year = e.year AND r.submitted_on IS NULL AND r.state <> 'void') AS draft
FROM report e
WHERE EXISTS (SELECT 1 FROM action_plans p WHERE p.status = 'adopted')
	AND NOT EXISTS (SELECT 1 FROM period_reports r
		WHERE r.period = e.period AND r.year = e.year AND r.submitted_on IS NOT NULL)
