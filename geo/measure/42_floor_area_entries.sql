-- Floor-area entries: every standing square metre once, under one source.
--
-- An entry is one standing building, or one parcel's own figure:
--   * a parcel whose standing buildings all have a floor area: the buildings (source `buildings`);
--   * else a parcel with a figure of its own: that figure, and not its buildings (`parcel`);
--   * else a parcel with standing buildings: those, each without a floor area as an unknown entry (`buildings`);
--   * else a parcel that is stated to be granted and unbuilt: one entry of 0 m² (`unbuilt`);
--   * else one unknown entry (source null): nothing is on record, which is not 0.
-- A standing building whose parcel is not in the registry on that day is an entry without a parcel (`parcel_id`
-- null).
--
-- land_use: a building's own use group where it says a use, else its parcel's; see measure.use_group.

CREATE FUNCTION measure.floor_area_entries(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (
    parcel_id bigint, parcel_code text, building_id bigint, building_code text, land_use text, gfa_m2 float8,
    gfa_source text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH ways AS MATERIALIZED (
        SELECT d.parts, measure.use_group(d.parts) AS use_group
        FROM (
            SELECT p.land_use_parts AS parts FROM measure.parcels_on(day, known_at) p
            UNION
            SELECT s.use_parts FROM measure.standing_buildings(day, known_at) s
        ) d
        WHERE d.parts IS NOT NULL
    ),
    of_parcels AS (
        SELECT p.id, p.parcel_code, coalesce(w.use_group, 'unknown') AS use_group, f.gfa_m2, f.gfa_source,
               -- the buildings speak where they know all, or where nothing else is known
               f.n_buildings > 0 AND f.gfa_source IS DISTINCT FROM 'parcel' AS by_building
        FROM measure.parcels_on(day, known_at) p
        JOIN measure.parcel_floor_area(day, known_at) f ON f.parcel_id = p.id
        LEFT JOIN ways w ON w.parts = p.land_use_parts
    )
    SELECT p.id, p.parcel_code, NULL::bigint, NULL::text, p.use_group, p.gfa_m2, p.gfa_source
    FROM of_parcels p
    WHERE NOT p.by_building
    UNION ALL
    SELECT p.id, s.parcel_code, s.building_id, s.building_code,
           coalesce(w.use_group, p.use_group, 'unknown'), s.gfa_m2, 'buildings'
    FROM measure.standing_buildings(day, known_at) s
    LEFT JOIN of_parcels p ON p.parcel_code = s.parcel_code
    LEFT JOIN ways w ON w.parts = s.use_parts
    WHERE p.id IS NULL OR p.by_building;
END;
