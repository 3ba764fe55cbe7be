-- Active carriers within `nearby_m` metres of a parcel's outline, those on the parcel itself not counted.
--
-- A carrier is on a parcel where its shares say so, or where a point on its place lies inside.  Carriers whose place
-- is not known are counted nowhere.  The count is unknown where no distance is asked for, while no carrier with a
-- place is registered, and where the status of one within reach is not known.
--
-- leading_carriers_nearby: of these the ones of which one industry is among `leading_industries`; unknown where the count
-- is, where no industries are asked for, and where the industries of one within reach are not known.

CREATE FUNCTION measure.parcel_carriers_nearby(
    day date, known_at timestamptz DEFAULT now(), nearby_m float8 DEFAULT NULL,
    leading_industries text[] DEFAULT NULL)
RETURNS TABLE (parcel_id bigint, carriers_nearby bigint, leading_carriers_nearby bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH places AS MATERIALIZED (
        SELECT c.carrier_code, c.status, c.geom, r.industries && leading_industries AS is_leading
        FROM measure.carrier_places(day, known_at) c
        JOIN measure.carriers_on(day, known_at) r ON r.id = c.carrier_id
        WHERE c.geom IS NOT NULL AND (c.status = 'active' OR c.status IS NULL)
    ),
    near AS (
        SELECT p.id, CASE WHEN count(c.status) = count(*) THEN count(*) END AS n,
               CASE WHEN count(c.status) = count(*) AND count(c.is_leading) = count(*)
                    THEN count(*) FILTER (WHERE c.is_leading) END AS n_leading
        FROM places c
        JOIN measure.parcels_on(day, known_at) p ON ST_DWithin(p.geom, c.geom, nearby_m)
        LEFT JOIN measure.carrier_parcels(day, known_at) s
            ON s.carrier_code = c.carrier_code AND s.parcel_code = p.parcel_code
        WHERE s.carrier_code IS NULL AND NOT ST_Covers(p.geom, ST_PointOnSurface(c.geom))
        GROUP BY p.id
    )
    SELECT p.id,
           CASE WHEN nearby_m IS NULL OR NOT layer.is_there THEN NULL WHEN n.id IS NULL THEN 0 ELSE n.n END,
           CASE WHEN nearby_m IS NULL OR leading_industries IS NULL OR NOT layer.is_there THEN NULL
                WHEN n.id IS NULL THEN 0 ELSE n.n_leading END
    FROM measure.parcels_on(day, known_at) p
    CROSS JOIN (
        SELECT EXISTS (SELECT FROM measure.carrier_places(day, known_at) c WHERE c.geom IS NOT NULL) AS is_there
    ) layer
    LEFT JOIN near n ON n.id = p.id;
END;
