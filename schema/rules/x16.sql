-- id: X16
-- severity: warning
-- sv: Barnets ålder ligger utanför utförarens tillstånd. Ta ställning nu.
-- en: The child's age is outside the provider's permit. Decide now.
-- next_sv: Se utföraren
-- next_en: Look at the provider
-- next: akt show {provider}
-- role: bitr_enhetschef
-- requirement: R8 R19
-- due: at once
-- # Only the year of birth is known: told when no day of birth in it would do.
SELECT p.id AS record, p.provider AS provider, c.manager AS person, NULL AS due_on
FROM placements p JOIN cases c ON c.id = p."case" JOIN providers v ON v.id = p.provider
WHERE p.status <> 'ended'
	AND (CAST(substr(p.start_on, 1, 4) AS INT) - c.birth_year < v.permit_age_from
		OR CAST(substr(p.start_on, 1, 4) AS INT) - c.birth_year - 1 > v.permit_age_to)
