-- id: X32
-- severity: error
-- sv: Avtalet förlängdes {due_on} utan genomförd uppföljningschecklista. Följ upp insatsen, eller
--   kvittera med en avvikelse.
-- en: The contract was extended on {due_on} without a follow-up checklist. Follow up, or
--   acknowledge with a deviation.
-- next_sv: Skriv uppföljningen
-- next_en: Write the follow-up
-- next: akt new follow_up --set placement={placement} --set case={case} --set contract={record}
-- next_draft: akt edit {draft}
-- role: handlaggare
-- requirement: R24 R25 R26 R27
-- due: extension.decided_on; the checklist is at most extension_follow_up_days old then
-- setting: extension_follow_up_days = 60
SELECT DISTINCT a.id AS record, a.placement AS placement, p."case" AS "case", c.handler AS person,
	x.decided_on AS due_on,
	(SELECT min(f.id) FROM follow_ups f WHERE f.contract = a.id AND f.state = 'draft') AS draft
FROM contracts a JOIN contracts__extensions x ON x.parent = a.id
	JOIN placements p ON p.id = a.placement LEFT JOIN cases c ON c.id = p."case"
WHERE a.state = 'final' AND NOT hidden(p.dossier, 'care')
	AND NOT EXISTS (SELECT 1 FROM follow_ups f JOIN follow_ups__purposes u ON u.parent = f.id
		WHERE f.id = x.follow_up AND u.value = 'extension' AND f.contract = a.id AND f.state = 'final'
			AND f.held_on <= x.decided_on
			AND f.held_on >= date(x.decided_on, '-' || :extension_follow_up_days || ' days'))
