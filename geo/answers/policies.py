"""Which policy an answer is asked under."""

from __future__ import annotations

from geo.policy import Policy, policy
from geo.settings import settings


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
