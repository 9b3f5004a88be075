-- id: N01
-- severity: warning
-- sv: En påminnelse gäller {due_on}. Gör det den påminner om, och skriv in när det är klart.
-- en: A reminder is for {due_on}. Do what it reminds of, and enter when it is done.
-- next_sv: Läs påminnelsen
-- next_en: Read the reminder
-- next: akt show {record}
-- role: handlaggare
-- requirement: practice
-- due: the reminder's own date
-- # Den som skrev påminnelsen svarar för den; har hen slutat eller är okänd här, ärendets handläggare.
SELECT n.id AS record, coalesce(w.id, c.handler) AS person, n.due_on AS due_on
FROM notes n LEFT JOIN staff w ON w.handle = n.created_by AND w.active_to IS NULL
	LEFT JOIN (SELECT id, id AS "case" FROM cases
		UNION ALL SELECT id, "case" FROM placements
		UNION ALL SELECT id, "case" FROM plans
		UNION ALL SELECT id, "case" FROM follow_ups) x ON x.id = n.about
	LEFT JOIN cases c ON c.id = x."case"
WHERE n.kind = 'reminder' AND n.done_on IS NULL
