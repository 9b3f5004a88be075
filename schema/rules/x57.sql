-- id: X57
-- severity: warning
-- sv: Omgången jämförs med en omgång som har ett annat formulär. Välj en annan att jämföra med.
-- en: The round is compared with one that used another form. Choose another to compare with.
-- next_sv: Ändra jämförelsen
-- next_en: Change the comparison
-- next: akt edit {record}
-- role: samordnare
-- requirement: R66
-- due: at once
SELECT r.id AS record, r.coordinator AS person, NULL AS due_on
FROM review_rounds r JOIN review_rounds b ON b.id = r.baseline
WHERE b.form <> r.form
