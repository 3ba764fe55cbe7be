"""Why a parcel has its verdict in a published run: by the run's own facts, judged by the run's own policy."""

from __future__ import annotations

from pydantic import ValidationError

from geo.errors import NotFoundError
from geo.judge.explain import Explanation, explain_recorded
from geo.policy import Policy
from geo.publish.reading import Published
from geo.publish.runs import Run
from geo.said import Said


def explain_published(published: Published, parcel: str, rule: str = "") -> Explanation:
    """What a rule of a run (default: the policy's first) says of a parcel, and the smallest change that flips the verdict.

    Raises
    ------
    NotFoundError
        The run has no such parcel or rule, or this program no longer reads the policy that the run was judged by.
    """
    name = rule or published.rule
    judged = published.judged_by(name)
    policy = policy_of(published.run)
    return explain_recorded(judged, policy.rule(name), parcel, name, order=policy.levers)


def policy_of(run: Run) -> Policy:
    """The policy that a run was judged by.

    Raises
    ------
    NotFoundError
        This program no longer reads it.
    """
    try:
        return Policy.model_validate(run.policy)
    except ValidationError:
        raise NotFoundError(
            Said(
                f"Run {run.run_id} was judged by a policy of another version of this program.",
                f"运行 {run.run_id} 所用政策属本程序的另一版本。",
            ),
            Said("Publish again: `shuangbei publish`.", "请管理员重新发布：shuangbei publish。"),
        ) from None
