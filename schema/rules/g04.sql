-- id: G04
-- severity: info
-- sv: Ärendets checklistor för beslutsunderlag kan vara gallringsbara sedan {due_on} (klass W). Pröva om de
--   ska gallras.
-- en: The case's decision checklists may be due for deletion since {due_on} (class W). Assess them.
-- next_sv: Gallra efter beslut: två personer
-- next_en: Erase after a decision: two people
-- next: akt erase {record} --basis sol
-- role: admin
-- only: ledning
-- requirement: law
-- due: keep_checklist_years after the latest of them
-- setting: keep_checklist_years = 2
-- # De ligger i en akt för sig bredvid ärendet (work) och gallras tillsammans: en rad för ärendets senaste.
SELECT d.id AS record, NULL AS person, date(d.filled_on, '+' || :keep_checklist_years || ' years') AS due_on
FROM decision_checklists d
WHERE NOT EXISTS (SELECT 1 FROM decision_checklists x WHERE x."case" = d."case"
	AND (x.filled_on > d.filled_on OR x.filled_on = d.filled_on AND x.id > d.id))
