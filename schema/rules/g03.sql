-- id: G03
-- severity: info
-- sv: Granskningsblanketten kan vara gallringsbar sedan {due_on} (klass Q). Omgångens analys bevaras. Pröva
--   om den ska gallras.
-- en: The review sheet may be due for deletion since {due_on} (class Q). The round's analysis is kept.
--   Assess it.
-- next_sv: Gallra efter beslut: två personer
-- next_en: Erase after a decision: two people
-- next: akt erase {record} --basis sol
-- role: samordnare
-- only: samordnare ledning
-- requirement: law
-- due: keep_review_years after the review, once the round is analysed
-- setting: keep_review_years = 5
SELECT v.id AS record, NULL AS person, date(v.reviewed_on, '+' || :keep_review_years || ' years') AS due_on
FROM case_reviews v JOIN review_rounds r ON r.id = v.round
WHERE v.state = 'final' AND r.analysis_done_on IS NOT NULL
