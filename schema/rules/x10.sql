-- id: X10
-- severity: error
-- sv: Vid uppföljningen {held_on} fanns oro för barnets säkerhet eller vårdens kvalitet.
--   Utföraren ska kontrolleras senast {due_on}.
-- en: The follow-up of {held_on} told of concern for safety or quality. The provider must be
--   checked by {due_on}.
-- next_sv: Gör en signalkontroll
-- next_en: Make a signal check
-- next: akt new provider_check --set trigger=signal --set provider={provider}
-- next_draft: akt edit {draft}
-- role: placeringssekreterare
-- requirement: R8 R20
-- due: held_on + signal_check_days
-- setting: signal_check_days = 7
SELECT f.id AS record, p.provider AS provider, f.held_on AS held_on, c.manager AS person,
	date(f.held_on, '+' || :signal_check_days || ' days') AS due_on,
	(SELECT min(k.id) FROM provider_checks k
		WHERE k.provider = p.provider AND k.trigger = 'signal' AND k.state = 'draft') AS draft
FROM follow_ups f JOIN placements p ON p.id = f.placement LEFT JOIN cases c ON c.id = f."case"
WHERE f.state = 'final' AND f.safety_concern = 'ja' AND p.status = 'active'
	AND NOT EXISTS (SELECT 1 FROM provider_checks k
		WHERE k.provider = p.provider AND k.trigger = 'signal' AND k.state = 'final'
			AND k.checked_on >= f.held_on)
