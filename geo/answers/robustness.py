"""How far the ranking of a rule's candidates hangs on its weights, and on what is unknown."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.candidates import candidates
from geo.answers.policies import given_policy
from geo.errors import PolicyError, SettingsError
from geo.judge.robustness import robustness as varied
from geo.judge.robustness import settled
from geo.policy import Policy

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database


def robustness(
    db: Database,
    policy: Policy | str | None = None,
    *,
    rule: str = "office_to_rnd",
    as_of: date | None = None,
    known_at: datetime | None = None,
    seed: int = 0,
    pairs: bool = False,
) -> pd.DataFrame:
    """Each candidate by rank: how often it stands among the first under weights drawn around the policy's.

    The columns are those of :func:`geo.judge.robustness.robustness`; shares from 0 to 1.  Equal facts, policy and seed give
    equal answers.  With ``pairs`` the pairs of which no weights within the policy's bounds turn the order round instead:
    :func:`geo.judge.robustness.settled`.

    Raises
    ------
    NotFoundError
        There is no such policy, or it has no such rule.
    PolicyError
        The policy does not say how weights are to be varied.
    SettingsError
        The rule has no criteria, or the seed is below 0.
    """
    if seed < 0:
        raise SettingsError(f"A seed is 0 or more, and {seed} is below.", "Take any other whole number.")
    chosen = given_policy(policy)
    wanted = chosen.rule(rule)
    if chosen.robustness is None:
        raise PolicyError(
            f"Policy {chosen.id!r} has no section [robustness].",
            "Add concentration, draws, top_k and weight_spread, each with its ground.",
        )
    judged = candidates(db, chosen, rule=rule, as_of=as_of, known_at=known_at)
    # These rows have no column of their own to tell it by.
    made_up = {"synthetic": True} if bool(judged["synthetic"].any()) else {}
    if pairs:
        found = settled(judged, wanted, chosen.robustness)
        found.attrs["stamp"] = (
            judged.attrs["stamp"] | made_up | {"weight_spread": chosen.robustness.weight_spread.share}
        )
        return found
    found = varied(judged, wanted, chosen.robustness, seed=seed)
    found.attrs["stamp"] = judged.attrs["stamp"] | made_up | {"seed": seed, "draws": chosen.robustness.draws.value}
    return found
