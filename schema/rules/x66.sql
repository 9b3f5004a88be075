-- id: X66
-- severity: warning
-- sv: Rutinen ska följas upp två gånger om året: senast {due_on}.
-- en: The routine must be reviewed twice a year: by {due_on}.
-- next_sv: Skriv in uppföljningen
-- next_en: Enter the review
-- next: akt edit {record}
-- lead: 30
-- role: placeringssekreterare
-- requirement: R23
-- due: routine_months after the latest review, else after valid_from
-- setting: routine_months = 6
SELECT r.id AS record, NULL AS person,
	date(coalesce((SELECT max(q.reviewed_on) FROM routines__reviews q WHERE q.parent = r.id),
		r.valid_from), '+' || :routine_months || ' months') AS due_on
FROM routines r
WHERE r.valid_to IS NULL AND r.state = 'final'
