-- Standing buildings: those in state `standing`.  Approved, under construction and demolished ones have no floor area
-- today.
--
-- A building's floor area is its total; where that is empty, above plus below ground if both are known.
--
-- Its countable floor area (计容) is what is registered; where that is empty and the total is known to be 0, it is 0, for
-- there is nothing to be counted.  Of any other total the countable part is unknown, and so it is of a total not known.

CREATE FUNCTION measure.countable(total float8, registered float8)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(registered, CASE WHEN total = 0 THEN 0 END);
END;

CREATE FUNCTION measure.standing_buildings(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (
    building_id bigint, building_code text, parcel_code text, use_parts jsonb, gfa_m2 float8,
    countable_gfa_m2 float8, vacancy_share float8, year_built integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT b.id, b.building_code, b.parcel_code, b.use_parts, t.gfa_m2,
           measure.countable(t.gfa_m2, b.countable_gfa_m2), b.vacancy_share, b.year_built
    FROM measure.buildings_on(day, known_at) b
    CROSS JOIN LATERAL (SELECT coalesce(b.gfa_m2, b.gfa_above_m2 + b.gfa_below_m2) AS gfa_m2) t
    WHERE b.state = 'standing';
END;
