-- Research institutes within `institutes_m` metres of a parcel's outline: services whose category is among
-- `institute_categories`, as the file calls it.
--
-- Unknown where no distance or no category is asked for, and while no service of these categories is registered: then
-- nobody has looked for institutes.

CREATE FUNCTION measure.parcel_institutes(
    day date, known_at timestamptz DEFAULT now(), institutes_m float8 DEFAULT NULL,
    institute_categories text[] DEFAULT NULL)
RETURNS TABLE (parcel_id bigint, institutes_nearby bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH institutes AS MATERIALIZED (
        SELECT s.geom FROM measure.services_on(day, known_at) s WHERE s.category = ANY (institute_categories)
    ),
    near AS (
        SELECT p.id, count(*) AS n
        FROM institutes i
        JOIN measure.parcels_on(day, known_at) p ON ST_DWithin(p.geom, i.geom, institutes_m)
        GROUP BY p.id
    )
    SELECT p.id, CASE WHEN institutes_m IS NOT NULL AND layer.is_there THEN coalesce(n.n, 0) END
    FROM measure.parcels_on(day, known_at) p
    CROSS JOIN (SELECT EXISTS (SELECT FROM institutes) AS is_there) layer
    LEFT JOIN near n ON n.id = p.id;
END;
