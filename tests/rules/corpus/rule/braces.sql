-- id: a
-- severity: info
-- sv: {record} {due_on} {x} {
-- en: {{due_on}}
-- next: %s {due_on}
SELECT 1