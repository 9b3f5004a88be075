-- id: T01
-- severity: error
-- sv: Kupan {name} är inte genomgången. Det skulle ha gjorts senast {due_on}.
-- en: Hive {name} has not been inspected. That was to be done by {due_on}.
-- next_sv: Gå igenom kupan
-- next_en: Inspect the hive
-- next: akt new inspection --set hive={record}
-- lead: 7
-- role: keeper
-- requirement: B1
-- due: inspection_days after the latest inspection, else after the hive was settled
-- setting: inspection_days = 30
SELECT h.id AS record,
	date(coalesce((SELECT max(i."on") FROM inspections i WHERE i.hive = h.id), h.settled_on),
		'+' || :inspection_days || ' days') AS due_on,
	h.keeper AS person, h.name AS name
FROM hives h
WHERE h.died_on IS NULL AND h.settled_on IS NOT NULL
