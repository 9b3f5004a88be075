-- sv: Dra ärenden och granskare till en granskningsomgång
-- en: Draw cases and reviewers for a review round
-- type: case_review
-- param: round
-- param: sample = 0
-- param: seed = random
-- update: round review_round
-- append: assignments (case, reviewer, due_on = _until)
-- set: sample.seed = :seed
-- set: status = open
-- assign: reviewer from _among by seed
-- grant: reviewer reads case until _until
-- grant: reviewer reads _also until _until
-- # sample: antal ärenden; 0 = så många som omgången har planerat och inte redan dragit, vid urvalet "samtliga" alla.
-- # Urvalsram: egenkontroll - utredningar öppna eller avslutade det senaste året; intern granskning - våldsärenden bland
-- # dem; planer och kartläggning - ärenden med pågående placering. Stratifierat på grupp och våld: varje grupp får sin
-- # andel. Granskaren är aldrig handläggare, medhandläggare, chef eller särskilt utsedd i ärendet. Skyddade ärenden
-- # dras aldrig.
WITH round AS (
  SELECT r.*, (SELECT count(*) FROM review_rounds__assignments a WHERE a.parent = r.id) AS drawn
  FROM review_rounds r WHERE r.id = :round AND r.status IN ('planned', 'open')
),
frame AS (
  SELECT c.*, c.team || '/' || c.violence_suspected AS stratum
  FROM cases c, round r
  WHERE c.state = 'final' AND NOT c.protected
    AND NOT EXISTS (SELECT 1 FROM placements p WHERE p."case" = c.id AND p.protected)
    AND NOT EXISTS (SELECT 1 FROM review_rounds__assignments a WHERE a.parent = r.id AND a."case" = c.id)
    AND CASE WHEN r.kind IN ('plan_review', 'mapping')
      THEN EXISTS (SELECT 1 FROM placements p WHERE p."case" = c.id AND p.status = 'active')
      ELSE c.investigation_opened_on IS NOT NULL
        AND coalesce(c.investigation_closed_on, '9999') >= date(r.opens_on, '-1 year')
        AND (r.kind <> 'internal_review' OR c.violence_suspected = 'ja') END
),
wanted AS (
  SELECT count(*) AS total, max(0, min(count(*), CASE WHEN :sample > 0 THEN :sample
    WHEN (SELECT sample_method FROM round) = 'all' THEN count(*)
    ELSE (SELECT sample_planned - drawn FROM round) END)) AS n
  FROM frame
),
-- each stratum its share, rounded down; what is left goes to those that lost most by that
quotas AS (
  SELECT stratum, whole, row_number() OVER (ORDER BY lost DESC, akt_draw(:seed, stratum)) AS turn
  FROM (SELECT f.stratum, count(*) * w.n / w.total AS whole, count(*) * w.n % w.total AS lost
    FROM frame f, wanted w GROUP BY f.stratum)
),
lots AS (
  SELECT f.*, q.whole + (q.turn <= (SELECT n FROM wanted) - (SELECT sum(whole) FROM quotas)) AS share,
    row_number() OVER (PARTITION BY f.stratum ORDER BY akt_draw(:seed, f.id)) AS lot
  FROM frame f JOIN quotas q ON q.stratum = f.stratum
)
SELECT r.id AS round, c.id AS "case", r.form AS form, 'draft' AS state, r.closes_on AS _until,
  (SELECT json_group_array(s.id) FROM staff s
    WHERE s.state = 'final' AND s.handle IS NOT NULL
      AND s.active_from <= r.opens_on AND coalesce(s.active_to, '9999') >= r.closes_on
      AND EXISTS (SELECT 1 FROM staff__roles o WHERE o.parent = s.id AND o.value IN ('handlaggare', 'samordnare'))
      AND s.id NOT IN (c.handler, coalesce(c.co_handler, ''), c.manager)
      AND NOT EXISTS (SELECT 1 FROM placements p WHERE p."case" = c.id AND p.designated_worker = s.id)) AS _among,
  CASE WHEN r.form = 'plans_v1' THEN (SELECT json_group_array(id) FROM (
    SELECT p.id FROM placements p WHERE p."case" = c.id
    UNION SELECT n.id FROM plans n WHERE n."case" = c.id
    UNION SELECT u.id FROM follow_ups u WHERE u."case" = c.id)) END AS _also
FROM lots c, round r
WHERE c.lot <= c.share
ORDER BY akt_draw(:seed, c.id)
