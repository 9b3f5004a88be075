-- id: X34
-- severity: error
-- sv: Avtalet ska följas upp var sjätte månad: senast {due_on}.
-- en: The contract must be followed up every six months: by {due_on}.
-- next_sv: Skriv uppföljningen
-- next_en: Write the follow-up
-- next: akt new follow_up --set placement={placement} --set case={case} --set contract={record}
-- next_draft: akt edit {draft}
-- lead: 30
-- role: admin
-- requirement: R6 R25 R28
-- due: contract_follow_up_months after the latest follow-up of the intervention or extension,
--   else after from_on
-- setting: contract_follow_up_months = 6
SELECT a.id AS record, a.placement AS placement, p."case" AS "case", c.handler AS person,
	date(coalesce((SELECT max(f.held_on) FROM follow_ups f
			WHERE f.placement = a.placement AND f.state = 'final'
				AND EXISTS (SELECT 1 FROM follow_ups__purposes u
					WHERE u.parent = f.id AND u.value IN ('intervention', 'extension'))),
			a.from_on),
		'+' || :contract_follow_up_months || ' months') AS due_on,
	(SELECT min(f.id) FROM follow_ups f
		WHERE f.placement = a.placement AND f.state = 'draft') AS draft
FROM contracts a JOIN placements p ON p.id = a.placement LEFT JOIN cases c ON c.id = p."case"
WHERE a.status = 'active' AND p.status = 'active' AND a.procurement = 'direct_award'
	AND NOT hidden(p.dossier, 'care')
