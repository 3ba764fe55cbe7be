"""Which policy an answer is asked under, and what an answer says of itself."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import pandas as pd

from geo.answers.code import code_version
from geo.measure.cache import Look
from geo.policy import Policy, policy
from geo.settings import settings

Frame = TypeVar("Frame", bound=pd.DataFrame)


def given_policy(asked: Policy | str | None) -> Policy:
    """The policy itself, the one of that name, or the one that the settings name.

    Raises
    ------
    NotFoundError
        There is no policy of that name.
    PolicyError
        Its file is broken.
    """
    if isinstance(asked, Policy):
        return asked
    return policy(asked or settings().policy)


def stamped(frame: Frame, seen: Look, policy: Policy, **asked: Any) -> Frame:
    """A new answer with what it rests on in ``attrs["stamp"]``, which exports write beside the figures.

    Where facts are made up and the frame has no column that tells which of its rows are, the stamp has ``synthetic``.
    """
    digest = policy.hash
    resting = {
        "policy": f"{policy.id} ({digest[:12]})",
        "policy_hash": digest,
        # As text: pandas copies all of attrs, to its depths, at every step that a frame goes through.
        "policy_content": json.dumps(policy.model_dump(mode="json"), ensure_ascii=False),
        "data_version": seen.version,
        "as_of": str(seen.day),
        "code_version": code_version(),
    }
    known = {} if seen.known_at is None else {"known_at": seen.known_at.isoformat()}
    zones = {**policy.zones.names, "other": policy.zones.other}
    made_up = {"synthetic": True} if seen.made_up and "synthetic" not in frame else {}
    frame.attrs["stamp"] = resting | known | asked | made_up | {"zones": zones}
    return frame
