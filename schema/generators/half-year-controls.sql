-- sv: Gör i ordning halvårets kontroller: en för varje utförare med pågående placering
-- en: Prepare the half-year's controls: one for each provider with an ongoing placement
-- type: provider_check
-- param: period = this
-- param: seed = random
-- assign: checked_by from _among by seed
-- # Kontrollerna är utkast tills de är gjorda; regel X13 och X14 räknar bara upprättade.
-- # Placeringar med skyddade personuppgifter räknas inte: kontrollen läses av hela enheten och skulle röja dem.
WITH half AS (
  SELECT CASE WHEN :period <> 'this' THEN :period
    ELSE strftime('%Y', :today) || CASE WHEN strftime('%m', :today) < '07' THEN 'H1' ELSE 'H2' END END AS period
),
checkers AS (
  SELECT json_group_array(id) AS ids FROM (
    SELECT s.id FROM staff s
    WHERE s.state = 'final' AND s.active_from <= :today AND coalesce(s.active_to, '9999') >= :today
      AND EXISTS (SELECT 1 FROM staff__roles r WHERE r.parent = s.id AND r.value = 'placeringssekreterare')
    ORDER BY s.id)
)
SELECT v.id AS provider, 'half_year' AS trigger, h.period AS period, 'draft' AS state, k.ids AS _among
FROM providers v, half h, checkers k
WHERE EXISTS (
    SELECT 1 FROM placements p LEFT JOIN cases c ON c.id = p."case"
    WHERE p.provider = v.id AND p.status = 'active' AND NOT p.protected AND NOT coalesce(c.protected, 0))
  AND NOT EXISTS (
    SELECT 1 FROM provider_checks x
    WHERE x.provider = v.id AND x.trigger = 'half_year' AND x.period = h.period)
ORDER BY v.id
