-- id: X15
-- severity: error
-- sv: Pågående placering hos en utförare som har placeringsstopp eller inte är godkänd vid
--   senaste kontrollen. Ta ställning nu.
-- en: Ongoing placement with a provider that is stopped, or was not approved at the latest check.
--   Decide now.
-- next_sv: Se utföraren
-- next_en: Look at the provider
-- next: akt show {provider}
-- role: bitr_enhetschef
-- requirement: R8 R20
-- due: at once
SELECT p.id AS record, p.provider AS provider, c.manager AS person, NULL AS due_on
FROM placements p JOIN providers v ON v.id = p.provider LEFT JOIN cases c ON c.id = p."case"
WHERE p.status = 'active'
	AND (v.placement_stop = 1
		OR (SELECT k.decision FROM provider_checks k
			WHERE k.provider = p.provider AND k.state = 'final'
			ORDER BY k.checked_on DESC, k.id DESC LIMIT 1) = 'not_approved')
