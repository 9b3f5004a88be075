-- id: å
-- severity: error
-- lead: 999999999999999999999
-- sv: a
-- en: b
SELECT