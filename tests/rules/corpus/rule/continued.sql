-- id: a
--   b
--    c
-- setting: a=1
-- setting: = 
--     d
SELECT