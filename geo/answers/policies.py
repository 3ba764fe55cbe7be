"""Which policy an answer is asked under, and what an answer says of itself."""

from __future__ import annotations

from typing import Any, TypeVar

import pandas as pd

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
    """A new answer with what it rests on in ``attrs["stamp"]``, which exports write beside the figures."""
    resting = {"policy": f"{policy.id} ({policy.hash[:12]})", "data_version": seen.version, "as_of": str(seen.day)}
    known = {} if seen.known_at is None else {"known_at": seen.known_at.isoformat()}
    zones = {**policy.zones.names, "other": policy.zones.other}
    frame.attrs["stamp"] = resting | known | asked | {"zones": zones}
    return frame
