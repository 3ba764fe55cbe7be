-- What holds on a day, as known at an instant.
--
-- A row of facts is one version of one thing, with two times: it is valid from `valid_from` up to and not including
-- `valid_to` (null: no end known), and it is what we knew from `recorded_from` up to and not including `recorded_to`
-- (null: still).  `measure.<kind>_on(day, known_at)` gives the versions valid on `day` as known at `known_at`
-- (default: now, the start of the transaction).  For each key that is one row or none: the store sees to that.
--
-- Every other measure reads through these functions and never a table of facts itself, so that any past day can be
-- asked for.  They are plain enough for the planner to open up: an index on the table (the outlines' GiST) is used.

CREATE FUNCTION measure.zones_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.zones
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.zones v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.park_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.park
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.park v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.parcels_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.parcels
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.parcels v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.buildings_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.buildings
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.buildings v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.carriers_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.carriers
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.carriers v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.carrier_shares_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.carrier_shares
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.carrier_shares v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.carrier_years_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.carrier_years
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.carrier_years v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.streets_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.streets
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.streets v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.blocks_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.blocks
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.blocks v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.stations_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.stations
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.stations v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.transit_lines_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.transit_lines
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.transit_lines v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.barriers_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.barriers
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.barriers v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.heritage_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.heritage
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.heritage v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.services_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.services
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.services v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.centre_tiers_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.centre_tiers
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.centre_tiers v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.open_spaces_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.open_spaces
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.open_spaces v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.plan_changes_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.plan_changes
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.plan_changes v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;

CREATE FUNCTION measure.leases_on(day date, known_at timestamptz DEFAULT now())
RETURNS SETOF registry.leases
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.*
    FROM registry.leases v
    WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
      AND v.recorded_from <= known_at AND (v.recorded_to IS NULL OR v.recorded_to > known_at);
END;
