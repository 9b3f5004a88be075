-- id: X11
-- severity: error
-- sv: IVO-tillståndet är inte kontrollerat inför placeringen. Det ska vara gjort när placeringen
--   startar ({due_on}).
-- en: The IVO permit has not been checked for this placement. That must be done when the
--   placement starts ({due_on}).
-- next_sv: Gör kontrollen
-- next_en: Make the check
-- next: akt new provider_check --set trigger=new_placement --set placement={record} --set
--   provider={provider}
-- next_draft: akt edit {draft}
-- lead: 14
-- role: bitr_enhetschef
-- requirement: R8 R20 R21
-- due: start_on; the check is at most check_valid_days old then. A later one closes this and
--   raises X19
-- setting: check_valid_days = 30
SELECT p.id AS record, p.provider AS provider, c.manager AS person, p.start_on AS due_on,
	(SELECT min(k.id) FROM provider_checks k
		WHERE k.placement = p.id AND k.provider = p.provider AND k.state = 'draft') AS draft
FROM placements p LEFT JOIN cases c ON c.id = p."case"
WHERE p.status <> 'ended'
	AND NOT EXISTS (SELECT 1 FROM provider_checks k
		WHERE k.placement = p.id AND k.provider = p.provider AND k.state = 'final'
			AND k.ivo_permit_outcome IS NOT NULL
			AND k.checked_on >= date(p.start_on, '-' || :check_valid_days || ' days'))
