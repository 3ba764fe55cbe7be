"""How far the ranking of a rule's candidates hangs on its weights, and on what is unknown."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.candidates import candidates
from geo.answers.policies import given_policy
from geo.errors import PolicyError
from geo.judge.robustness import robustness as varied
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
) -> pd.DataFrame:
    """Each candidate by rank: how often it stands among the first under weights drawn around the policy's.

    The columns are those of :func:`geo.judge.robustness.robustness`; shares from 0 to 1.  Equal facts, policy and seed give
    equal answers.

    Raises
    ------
    NotFoundError
        There is no such policy, or it has no such rule.
    PolicyError
        The policy does not say how weights are to be varied.
    SettingsError
        The rule has no criteria.
    """
    chosen = given_policy(policy)
    wanted = chosen.rule(rule)
    if chosen.robustness is None:
        raise PolicyError(
            f"Policy {chosen.id!r} has no section [robustness].",
            "Add concentration, draws, top_k and weight_spread, each with its ground.",
        )
    judged = candidates(db, chosen, rule=rule, as_of=as_of, known_at=known_at)
    found = varied(judged, wanted, chosen.robustness, seed=seed)
    found.attrs["stamp"] = judged.attrs["stamp"] | {"seed": seed, "draws": chosen.robustness.draws.value}
    return found
