-- id: X18
-- severity: error
-- sv: Enskild utförare saknar registrerat IVO-tillstånd. Skriv in tillståndet, eller sluta
--   använda utföraren.
-- en: Private provider without a recorded IVO permit. Enter the permit, or stop using the
--   provider.
-- next_sv: Skriv in tillståndet
-- next_en: Enter the permit
-- next: akt edit {record}
-- role: placeringssekreterare
-- requirement: R8
-- due: at once
SELECT v.id AS record, NULL AS person, NULL AS due_on
FROM providers v
WHERE v.active = 1 AND v.operator = 'private' AND coalesce(v.permit_kind, '') <> 'permit'
