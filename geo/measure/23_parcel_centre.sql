-- Tier of the public centre (公共中心) in which a parcel stands: that of the tier which covers the largest share of its
-- drawn area, if that share reaches `min_share` (the policy's, as for zones); else `outside`.  Two tiers with equal
-- shares: the one first by code.  Outlines of one tier that overlap count once.
--
-- Unknown while no centre at all is registered: then nobody has said where they lie.

CREATE FUNCTION measure.parcel_centre(
    day date, known_at timestamptz DEFAULT now(), min_share float8 DEFAULT NULL)
RETURNS TABLE (parcel_id bigint, centre_tier text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.id,
           CASE WHEN NOT layer.is_there THEN NULL WHEN best.share >= min_share THEN best.centre_tier ELSE 'outside' END
    FROM measure.parcels_on(day, known_at) p
    CROSS JOIN (SELECT EXISTS (SELECT FROM measure.centre_tiers_on(day, known_at)) AS is_there) layer
    LEFT JOIN LATERAL (
        SELECT c.centre_tier,
               CASE WHEN bool_or(ST_Covers(c.geom, p.geom)) THEN 1
                    ELSE ST_Area(ST_Intersection(p.geom, ST_Union(c.geom))) / ST_Area(p.geom) END AS share
        FROM measure.centre_tiers_on(day, known_at) c
        WHERE ST_Intersects(c.geom, p.geom)
        GROUP BY c.centre_tier
        ORDER BY 2 DESC, 1
        LIMIT 1
    ) best ON true;
END;
