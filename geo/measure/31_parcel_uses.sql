-- Planned uses of a parcel: the shares of office, of industrial and of research uses, the main use (see
-- 30_uses.sql).
--
-- Which uses are office, industrial and research comes as arguments.  A city has thousands of parcels and dozens of ways
-- to write their use: each way is worked out once.

CREATE FUNCTION measure.parcel_uses(
    day date, known_at timestamptz DEFAULT now(), office_uses text[] DEFAULT NULL, industrial_uses text[] DEFAULT NULL,
    rnd_uses text[] DEFAULT NULL)
RETURNS TABLE (parcel_id bigint, office_share float8, industrial_share float8, rnd_share float8, main_use text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH ways AS MATERIALIZED (
        SELECT d.parts,
               measure.use_share(d.parts, office_uses) AS office_share,
               measure.use_share(d.parts, industrial_uses) AS industrial_share,
               measure.use_share(d.parts, rnd_uses) AS rnd_share,
               measure.main_use(d.parts) AS main_use
        FROM (
            SELECT DISTINCT p.land_use_parts AS parts
            FROM measure.parcels_on(day, known_at) p
            WHERE p.land_use_parts IS NOT NULL
        ) d
    )
    SELECT p.id, w.office_share, w.industrial_share, w.rnd_share, w.main_use
    FROM measure.parcels_on(day, known_at) p
    LEFT JOIN ways w ON w.parts = p.land_use_parts;
END;
