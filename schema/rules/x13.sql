-- id: X13
-- severity: error
-- sv: Halvårskontroll av IVO-tillstånd saknas, och utföraren har en pågående placering. Den ska
--   vara gjord {due_on}.
-- en: The half-yearly check of the IVO permit is missing, and the provider has an ongoing
--   placement. It must be made by {due_on}.
-- next_sv: Gör kontrollen
-- next_en: Make the check
-- next: akt new provider_check --set trigger=half_year --set period={period} --set
--   provider={record}
-- next_draft: akt edit {draft}
-- lead: 60
-- role: placeringssekreterare
-- only: placering ledning
-- requirement: R8 R20 R22
-- due: 30 June and 31 December
-- # The check at a new placement is read by those who read the placement: others would miss one
-- # that was made.
WITH half(begins, ends, period) AS (SELECT
	strftime('%Y', :today) || CASE WHEN strftime('%m', :today) < '07' THEN '-01-01' ELSE '-07-01' END,
	strftime('%Y', :today) || CASE WHEN strftime('%m', :today) < '07' THEN '-06-30' ELSE '-12-31' END,
	strftime('%Y', :today) || CASE WHEN strftime('%m', :today) < '07' THEN 'H1' ELSE 'H2' END)
SELECT v.id AS record, half.period AS period, NULL AS person, half.ends AS due_on,
	(SELECT min(k.id) FROM provider_checks k
		WHERE k.provider = v.id AND k.trigger = 'half_year' AND k.period = half.period AND k.state = 'draft') AS draft
FROM providers v, half
WHERE EXISTS (SELECT 1 FROM placements p WHERE p.provider = v.id AND p.status = 'active')
	AND NOT EXISTS (SELECT 1 FROM provider_checks k
		WHERE k.provider = v.id AND k.state = 'final' AND k.ivo_permit_outcome IS NOT NULL
			AND k.trigger IN ('half_year', 'new_placement') AND k.checked_on >= half.begins)
