-- Uses of a piece of land or of a building, from the code text taken apart: a list of parts
-- {code, table, use, share}, share null where the text does not say it.  A single use has the whole, whatever its share says.
-- Shares are taken in proportion to their sum, so that 0.33 + 0.33 + 0.33 is still one whole.

-- The share of `uses` in the parts.  Where every part is one of them it is 1 and where none is it is 0, whatever the
-- shares (C2C8 is all office without anybody saying how much of it is C2); otherwise it is unknown as soon as one share
-- or one use is.
CREATE FUNCTION measure.use_share(parts jsonb, uses text[])
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
               WHEN count(*) = 0 THEN NULL
               WHEN count(*) FILTER (WHERE e.part ->> 'use' = ANY (uses)) = count(*) THEN 1
               WHEN count(*) FILTER (WHERE e.part ->> 'use' <> ALL (uses)) = count(*) THEN 0
               WHEN count(e.part ->> 'use') < count(*) OR count(e.part ->> 'share') < count(*) THEN NULL
               ELSE coalesce(sum((e.part ->> 'share')::float8) FILTER (WHERE e.part ->> 'use' = ANY (uses)), 0)
                    / nullif(sum((e.part ->> 'share')::float8), 0)
           END
    FROM jsonb_array_elements(parts) AS e (part);
END;

-- The use with the largest share; the one written first where two are equal.  Unknown where there are several uses and one
-- share is unknown, or where a code belongs to no use.
CREATE FUNCTION measure.main_use(parts jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
               WHEN bool_or(g.use IS NULL) THEN NULL
               WHEN count(*) = 1 THEN min(g.use)
               WHEN bool_or(g.share IS NULL) THEN NULL
               ELSE (array_agg(g.use ORDER BY g.share DESC, g.place))[1]
           END
    FROM (
        SELECT e.part ->> 'use' AS use,
               CASE WHEN count(e.part ->> 'share') = count(*) THEN sum((e.part ->> 'share')::float8) END AS share,
               min(e.place) AS place
        FROM jsonb_array_elements(parts) WITH ORDINALITY AS e (part, place)
        GROUP BY 1
    ) g;
END;

-- The land-use group that a floor area is booked under: the use where there is one, `mixed` where there are several,
-- `unknown` where none is said or a code belongs to no use.
CREATE FUNCTION measure.use_group(parts jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
               WHEN count(*) = 0 OR count(e.part ->> 'use') < count(*) THEN 'unknown'
               WHEN count(DISTINCT e.part ->> 'use') = 1 THEN min(e.part ->> 'use')
               ELSE 'mixed'
           END
    FROM jsonb_array_elements(parts) AS e (part);
END;
