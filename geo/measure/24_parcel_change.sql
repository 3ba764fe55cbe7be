-- Share of a parcel's drawn area inside plan changes that are approved, outlines that overlap counted once; 0 where
-- changes are registered and none that is approved covers any of it.
--
-- Unknown while no plan change at all is registered, and where one of unknown stage covers ground of the parcel that no
-- approved one covers.

CREATE FUNCTION measure.parcel_change(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, approved_change_share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.id,
           CASE WHEN NOT layer.is_there THEN NULL
                WHEN found.n IS NULL THEN 0
                WHEN found.maybe_area > coalesce(found.sure_area, 0) THEN NULL
                ELSE coalesce(found.sure_area, 0) / ST_Area(p.geom) END
    FROM measure.parcels_on(day, known_at) p
    CROSS JOIN (SELECT EXISTS (SELECT FROM measure.plan_changes_on(day, known_at)) AS is_there) layer
    LEFT JOIN LATERAL (
        SELECT count(*) AS n,
               ST_Area(ST_Intersection(p.geom, ST_Union(c.geom) FILTER (WHERE c.change_status = 'approved'))) AS sure_area,
               -- only where there is one of unknown stage, so that rounding makes nothing unknown
               CASE WHEN count(c.change_status) < count(*)
                    THEN ST_Area(ST_Intersection(p.geom, ST_Union(c.geom))) END AS maybe_area
        FROM measure.plan_changes_on(day, known_at) c
        WHERE (c.change_status = 'approved' OR c.change_status IS NULL) AND ST_Intersects(c.geom, p.geom)
        HAVING count(*) > 0
    ) found ON true;
END;
