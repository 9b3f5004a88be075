-- id: X58
-- severity: warning
-- sv: Granskningen {reviewed_on} visade att något behöver göras i ärendet. Det ska vara gjort
--   {due_on}.
-- en: The review of {reviewed_on} asked for action on the case. That must be done by {due_on}.
-- next_sv: Se vad som ska göras, och skriv in när det är klart
-- next_en: See what, and enter when it is done
-- next: akt edit {record}
-- lead: 7
-- role: handlaggare
-- requirement: R40 R51
-- due: reviewed_on + action_days
-- setting: action_days = 30
SELECT v.id AS record, v.reviewed_on AS reviewed_on, c.handler AS person,
	date(v.reviewed_on, '+' || :action_days || ' days') AS due_on
FROM case_reviews v LEFT JOIN cases c ON c.id = v."case"
WHERE v.state = 'final' AND v.needs_action = 'ja' AND v.action_done_on IS NULL
