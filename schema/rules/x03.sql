-- id: X03
-- severity: error
-- sv: Dags för uppföljning. Den ska vara gjord och dokumenterad senast {due_on}.
-- en: A follow-up is due. It must be held and documented by {due_on}.
-- next_sv: Skriv uppföljningen
-- next_en: Write the follow-up
-- next: akt new follow_up --set placement={record} --set case={case}
-- next_draft: akt edit {draft}
-- lead: 30
-- role: handlaggare
-- requirement: R7 R11 R28
-- due: follow_up_months after the latest follow-up, else after start_on
-- setting: follow_up_months = 6
SELECT p.id AS record, p."case" AS "case", c.handler AS person,
	date(coalesce((SELECT max(f.held_on) FROM follow_ups f
			WHERE f.placement = p.id AND f.state = 'final'), p.start_on),
		'+' || :follow_up_months || ' months') AS due_on,
	(SELECT min(f.id) FROM follow_ups f
		WHERE f.placement = p.id AND f.state = 'draft') AS draft
FROM placements p LEFT JOIN cases c ON c.id = p."case"
WHERE p.status = 'active' AND NOT hidden(p.dossier, 'care')
