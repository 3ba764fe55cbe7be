-- Floor area of carriers: what is stated of the carrier itself (source `carrier`); else the sum over its shares of
-- the target's standing floor area × share, where every one of them is known (`shares`); else unknown.  No share on
-- record is unknown, an empty share is unknown and not the whole, and a target that does not stand or is not
-- registered is unknown.

CREATE FUNCTION measure.carrier_floor_area(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (carrier_id bigint, gfa_m2 float8, gfa_source text, n_parcels bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.id,
           CASE WHEN c.gfa_m2 IS NOT NULL THEN c.gfa_m2 WHEN t.n_known = t.n THEN t.gfa END,
           CASE WHEN c.gfa_m2 IS NOT NULL THEN 'carrier' WHEN t.n_known = t.n THEN 'shares' END,
           coalesce(l.n, 0)
    FROM measure.carriers_on(day, known_at) c
    LEFT JOIN (
        SELECT s.carrier_code,
               count(*) AS n,
               count(s.share * coalesce(b.gfa_m2, f.gfa_m2)) AS n_known,
               sum(s.share * coalesce(b.gfa_m2, f.gfa_m2)) AS gfa
        FROM measure.carrier_shares_on(day, known_at) s
        LEFT JOIN measure.standing_buildings(day, known_at) b
            ON s.stands_on = 'building' AND b.building_code = s.target_code
        LEFT JOIN measure.parcels_on(day, known_at) p ON s.stands_on = 'parcel' AND p.parcel_code = s.target_code
        LEFT JOIN measure.parcel_floor_area(day, known_at) f ON f.parcel_id = p.id
        GROUP BY s.carrier_code
    ) t ON t.carrier_code = c.carrier_code
    LEFT JOIN (
        SELECT s.carrier_code, count(*) AS n FROM measure.carrier_parcels(day, known_at) s GROUP BY s.carrier_code
    ) l ON l.carrier_code = c.carrier_code;
END;
