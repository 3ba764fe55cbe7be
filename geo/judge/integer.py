"""Integer programs, proven: one small door to HiGHS, the only solver in the process."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OPTIMAL, INFEASIBLE, LIMIT = "optimal", "infeasible", "limit"
#: how far from a whole number, and from a side of a row, a solver's answer may lie
_NEAR = 1e-6


@dataclass(frozen=True)
class Rows:
    """Rows lower ≤ Σ value·x ≤ upper: ``start`` (m + 1), ``column`` and ``value`` (nonzeros), ``lower``, ``upper`` (m)."""

    start: Ints
    column: Ints
    value: Floats
    lower: Floats
    upper: Floats

    @classmethod
    def of(cls, rows: list[tuple[Ints, Floats, float, float]]) -> Rows:
        """Rows given one by one as (columns, values, lower, upper)."""
        sizes = np.array([len(columns) for columns, _, _, _ in rows], dtype=np.int64)
        return cls(
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            np.concatenate([columns for columns, _, _, _ in rows] or [np.empty(0, np.int64)]).astype(np.int64),
            np.concatenate([values for _, values, _, _ in rows] or [np.empty(0)]).astype(np.float64),
            np.array([lower for _, _, lower, _ in rows], dtype=np.float64),
            np.array([upper for _, _, _, upper in rows], dtype=np.float64),
        )


@dataclass(frozen=True)
class Solved:
    """``status`` is optimal, infeasible or limit; ``chosen`` (n,) 0/1 or None; ``bound`` no answer is below."""

    status: str
    chosen: Ints | None
    value: float
    bound: float


def least(cost: Floats, rows: Rows, *, time_limit_s: float, seed: int = 0, warm: Ints | None = None) -> Solved:
    """Choose x ∈ {0, 1}ⁿ with the least Σ cost·x that keeps the rows, with proof unless the time is up.

    ``warm`` is an answer to begin with.  Equal input and seed give an equal answer where it is optimal.
    """
    n = len(cost)
    if n == 0:  # which the solver calls a model that is empty, and no answer
        nothing = np.empty(0, dtype=np.int64)
        keeps_all = keeps(rows, nothing)
        return Solved(OPTIMAL, nothing, 0.0, 0.0) if keeps_all else Solved(INFEASIBLE, None, math.inf, math.inf)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = n, len(rows.lower)
    model.col_cost_ = cost
    model.col_lower_, model.col_upper_ = np.zeros(n), np.ones(n)
    model.row_lower_ = np.where(np.isneginf(rows.lower), -highspy.kHighsInf, rows.lower)
    model.row_upper_ = np.where(np.isposinf(rows.upper), highspy.kHighsInf, rows.upper)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.num_col_, model.a_matrix_.num_row_ = n, len(rows.lower)
    model.a_matrix_.start_, model.a_matrix_.index_ = rows.start.astype(np.int32), rows.column.astype(np.int32)
    model.a_matrix_.value_ = rows.value
    model.integrality_ = [highspy.HighsVarType.kInteger] * n
    highs: Any = quiet()
    options = {"time_limit": float(time_limit_s), "random_seed": seed, "threads": 1,
               "mip_rel_gap": 0.0, "mip_abs_gap": 0.0}  # fmt: skip
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(model)
    if warm is not None:
        start = highspy.HighsSolution()
        start.col_value = warm.astype(np.float64)
        highs.setSolution(start)
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return Solved(INFEASIBLE, None, math.inf, math.inf)
    found = np.asarray(highs.getSolution().col_value, dtype=np.float64)
    chosen = np.rint(found).astype(np.int64) if len(found) == n and info.primal_solution_status == 2 else None
    if chosen is not None and not keeps(rows, chosen):
        chosen = None  # whole numbers were only near: what does not keep the rows is no answer
    value = float(cost @ chosen) if chosen is not None else math.inf
    proven = status == highspy.HighsModelStatus.kOptimal and chosen is not None
    return Solved(OPTIMAL if proven else LIMIT, chosen, value, value if proven else float(info.mip_dual_bound))


def quiet() -> Any:
    """A solver that prints nothing."""
    return _Quiet()


class _Quiet(highspy.Highs):
    """HiGHS without its callbacks: making those prints a banner to where a command writes its answer."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()
        self.setOptionValue("output_flag", False)


def keeps(rows: Rows, chosen: Ints) -> bool:
    """Whether an answer keeps every row, summed up anew."""
    owner = np.repeat(np.arange(len(rows.lower)), np.diff(rows.start))
    sums = np.bincount(owner, weights=rows.value * chosen[rows.column], minlength=len(rows.lower))
    slack = _NEAR * np.maximum(1.0, np.abs(sums))
    return bool(((sums >= rows.lower - slack) & (sums <= rows.upper + slack)).all())
