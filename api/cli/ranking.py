"""What else ``shuangbei candidates`` tells of a ranking: what it lacks, how firm it is, and what it is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cli.terminal import note

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy, Rule

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


def say_of_the_day(frame: pd.DataFrame, policy: Policy, asked: date | None) -> None:
    """Say where nothing is registered for a day that was asked about, and where the policy was made for another time."""
    from datetime import date

    day = asked or date.fromisoformat(str(frame.attrs["stamp"]["as_of"]))
    if frame.empty and asked is not None:
        note(f"No parcel is registered for {day}: there is nothing to judge.")
    elif not policy.holds_on(day):
        note(
            f"The policy is made for {policy.effective_from} – {policy.effective_to or '…'}, and this list is as of {day}."
        )


def say_what_was_compared(changed: pd.DataFrame) -> None:
    """Which of the two is before and which after, and how many parcels are judged otherwise, by change."""
    from geo.judge.compare import CHANGES

    stamp = changed.attrs["stamp"]
    for title, end in (("Before", "_before"), ("After", "")):
        run = f"run {stamp[f'run_id{end}']}, " if f"run_id{end}" in stamp else ""
        note(f"{title}: {run}policy {stamp.get(f'policy{end}', '?')}, facts as of {stamp.get(f'as_of{end}', '?')}.")
    counts = changed["change"].value_counts()
    told = ", ".join(f"{change} {counts[change]}" for change in CHANGES if change in counts)
    note(f"{len(changed)} parcels are judged otherwise: {told}." if told else "No parcel is judged otherwise.")


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
