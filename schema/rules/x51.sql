-- id: X51
-- severity: error
-- sv: Ett ärende med skyddade personuppgifter är tilldelat någon som inte är särskilt behörig
--   (senast {due_on}). Ta bort det ur urvalet.
-- en: A protected case is assigned to somebody who is not specially authorised (by {due_on}).
--   Take it out of the sample.
-- next_sv: Ändra urvalet
-- next_en: Change the sample
-- next: akt edit {record}
-- role: samordnare
-- requirement: R43 law
-- due: the assignment's due_on
SELECT DISTINCT a.parent AS record, a.reviewer AS person, a.due_on AS due_on
FROM review_rounds__assignments a JOIN cases c ON c.id = a."case"
WHERE c.protected = 1
	AND NOT EXISTS (SELECT 1 FROM cases__access_list l
		WHERE l.parent = c.id AND l.value = a.reviewer)
