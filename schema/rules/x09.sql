-- id: X09
-- severity: warning
-- sv: Uppföljningen {held_on} visade att planen behöver revideras, men någon ny version finns
--   inte. Den ska finnas {due_on}.
-- en: The follow-up of {held_on} asked for a revised plan, and there is no new version. There
--   must be one by {due_on}.
-- next_sv: Skriv den nya versionen
-- next_en: Write the new version
-- next: akt new plan --set placement={placement} --set case={case}
-- next_draft: akt edit {draft}
-- lead: 14
-- role: handlaggare
-- requirement: R11
-- due: held_on + action_days
-- setting: action_days = 30
SELECT f.id AS record, f.placement AS placement, f."case" AS "case", f.held_on AS held_on,
	c.handler AS person, date(f.held_on, '+' || :action_days || ' days') AS due_on,
	(SELECT min(k.id) FROM plans k
		WHERE k.placement = f.placement AND k.state = 'draft') AS draft
FROM follow_ups f JOIN placements p ON p.id = f.placement LEFT JOIN cases c ON c.id = f."case"
WHERE f.state = 'final' AND f.plan_revision_needed = 'ja' AND p.status = 'active'
	AND NOT EXISTS (SELECT 1 FROM plans k
		WHERE k.placement = f.placement AND k.state = 'final' AND k.drawn_up_on >= f.held_on)
