"""What else ``shuangbei candidates`` tells of a ranking: what it lacks, how firm it is, and what it is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cli.terminal import note

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from geo.database import Database
    from geo.policy import Rule

#: what a terminal shows of how firm a ranking is
ROBUSTNESS = (
    "rank",
    "parcel_code",
    "score",
    "top_share",
    "rank_share",
    "expected_rank",
    "rank_low",
    "rank_high",
    "n_behind",
)


def say_what_to_survey(frame: pd.DataFrame, rule: Rule) -> None:
    """Name what is missing most where parcels cannot be judged, so that a missing layer is not taken for an answer."""
    from geo.fields.measures import MEASURES
    from geo.judge.survey import needs_survey

    fields = needs_survey(frame, rule)
    n = int((frame["verdict"] == "unknown").sum())
    if n:
        counts = zip(fields["field"], fields["n_unknown"], strict=True)
        told = ", ".join(f"{MEASURES[str(field)].zh} {field} ({count})" for field, count in counts)
        note(f"{n} of {len(frame)} parcels cannot be judged for want of: {told}.")


def held_against(db: Database, other: str, rule: str, day: date | None) -> pd.DataFrame:
    """How the rule was judged in a published run (a number), or is by another policy (a name or a path).

    Raises
    ------
    NotFoundError
        There is no such run or policy, or it has no such rule.
    """
    import geo
    from geo.publish import read_run

    if not other.isdigit():
        found: pd.DataFrame = geo.candidates(db, geo.policy(other), rule=rule, as_of=day)
        return found
    published = read_run(db, int(other))
    before: pd.DataFrame = published.judged_by(rule)
    before.attrs["stamp"] = published.run.stamp | {"rule": rule}
    return before
