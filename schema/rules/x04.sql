-- id: X04
-- severity: warning
-- sv: Planen skulle följas upp {due_on}, men det finns ingen uppföljning av den.
-- en: The plan was to be followed up on {due_on}, and there is no follow-up of it.
-- next_sv: Skriv uppföljningen
-- next_en: Write the follow-up
-- next: akt new follow_up --set placement={placement} --set case={case} --set plans=[{record}]
-- next_draft: akt edit {draft}
-- lead: 14
-- role: handlaggare
-- requirement: R11
-- due: plan.next_follow_up_on
SELECT k.id AS record, k.placement AS placement, k."case" AS "case", c.handler AS person,
	k.next_follow_up_on AS due_on,
	(SELECT min(f.id) FROM follow_ups__plans fp JOIN follow_ups f ON f.id = fp.parent
		WHERE fp.value = k.id AND f.state = 'draft') AS draft
FROM plans k JOIN placements p ON p.id = k.placement LEFT JOIN cases c ON c.id = k."case"
WHERE p.status = 'active' AND k.state = 'final'
	AND NOT EXISTS (SELECT 1 FROM plans n WHERE n.supersedes = k.id AND n.state = 'final')
	AND NOT EXISTS (SELECT 1 FROM follow_ups__plans fp JOIN follow_ups f ON f.id = fp.parent
		WHERE fp.value = k.id AND f.state = 'final'
			AND (f.held_on >= date(k.next_follow_up_on, '-30 days')
				OR f.next_follow_up_on > k.next_follow_up_on))
