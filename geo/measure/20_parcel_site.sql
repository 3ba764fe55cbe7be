-- Site area of a parcel: the registered area where there is one, else the area of the drawn boundary.
--
-- Both are kept (domain.md, "registered against measured"); `site_area_source` says which one is used.  The drawn
-- boundary's area is written by the store, in the work CRS, so it is area on the ground and never missing.

CREATE FUNCTION measure.parcel_site(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, site_area_m2 float8, site_area_source text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.id,
           coalesce(p.registered_area_m2, p.measured_area_m2),
           CASE WHEN p.registered_area_m2 IS NULL THEN 'measured' ELSE 'registered' END
    FROM measure.parcels_on(day, known_at) p;
END;
