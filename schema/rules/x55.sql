-- id: X55
-- severity: error
-- sv: Granskningsomgången stängdes {closes_on} och är inte analyserad på ledningsnivå. Det ska
--   vara gjort {due_on}.
-- en: The round closed on {closes_on} and has not been analysed by the management. That must be
--   done by {due_on}.
-- next_sv: Skriv analysen
-- next_en: Write the analysis
-- next: akt edit {record}
-- lead: 7
-- role: ledningsgrupp
-- requirement: R52
-- due: closes_on + analysis_days
-- setting: analysis_days = 30
SELECT r.id AS record, r.closes_on AS closes_on, NULL AS person,
	date(r.closes_on, '+' || :analysis_days || ' days') AS due_on
FROM review_rounds r
WHERE r.status = 'closed' AND r.analysis_done_on IS NULL
