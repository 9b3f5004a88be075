-- sv: Vårens genomgångar: en för varje kupa som inte är genomgången i år, med en medhjälpare dragen ur laget
-- en: The spring's inspections: one for each hive not inspected this year, with a helper drawn from the team
-- type: inspection
-- param: on
-- param: seed = random
-- setting: inspection_days = 30
-- assign: _helper from _among by seed
-- grant: _helper reads hive until _until
SELECT h.id AS hive, :on AS "on", date(:on, '+' || :inspection_days || ' days') AS _until,
  (SELECT json_group_array(p.id) FROM persons p WHERE p.handle IS NOT NULL AND p.id IS NOT h.keeper) AS _among
FROM hives h
WHERE NOT EXISTS (SELECT 1 FROM inspections i WHERE i.hive = h.id AND i."on" >= substr(:on, 1, 4))
ORDER BY h.id
