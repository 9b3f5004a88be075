-- id: X50
-- severity: error
-- sv: Granskaren är själv handläggare, medhandläggare eller chef i ärendet (senast {due_on}). Byt
--   granskare.
-- en: The reviewer is the case's own handler, co-handler or manager (by {due_on}). Assign
--   somebody else.
-- next_sv: Byt granskare
-- next_en: Change the reviewer
-- next: akt edit {round}
-- role: samordnare
-- requirement: R43
-- due: the assignment's due_on, or reviewed_on
SELECT a.parent AS record, a.parent AS round, a.reviewer AS person, a.due_on AS due_on
FROM review_rounds__assignments a JOIN cases c ON c.id = a."case"
WHERE a.reviewer IN (c.handler, coalesce(c.co_handler, ''), c.manager)
UNION
SELECT r.id, r.round, r.reviewer, r.reviewed_on
FROM case_reviews r JOIN cases c ON c.id = r."case"
WHERE r.reviewer IN (c.handler, coalesce(c.co_handler, ''), c.manager)
