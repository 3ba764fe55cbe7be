"""What pages say of a job: the question asked, its state, how long it has worked, and why it failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from api.site_questions import fields_of
from api.text import field_title, phrase
from api.way_limits import in_words
from geo import jobs
from geo.said import in_chinese
from maps import figures
from maps.text import Lang

#: where what a kind of job gave is shown: ``{job}`` stands for its number
SHOWN_AT = {"sites": "/sites?job={job}", "way": "/way?job={job}", "clusters": "/clusters?job={job}",
            "scenario": "/scenarios?saved={job}"}  # fmt: skip
#: where a program reads it, where that is another address
READ_AT = {"scenario": "/scenarios"}
#: where its question can be asked anew, filled in where the page has that
AGAIN_AT = {"sites": "/sites?again={job}#ask", "way": "/way", "clusters": "/clusters?again={job}#ask",
            "scenario": "/scenarios#save"}  # fmt: skip
#: what a job that keeps a scenario was asked → the phrase of its form
_OF_SCENARIO = {"name": "scenario_name", "note": "scenario_note", "measures": "scenario_ids", "replace": "scenario_replace",
                "take_up": "scenario_take_up"}  # fmt: skip
#: what a job about the way was asked → the phrase of its form
_OF_WAY = {"by": "way_by", "target_m2": "way_target", "require": "way_require", "forbid": "way_forbid",
           "no_limits": "way_no_limits", "limits": "way_limits_asked", "sites": "way_sites",
           "time_limit_s": "way_time"}  # fmt: skip
#: of a question, letters of a value that a page shows: an outline may have thousands
_LETTERS = 160


def question(job: jobs.Job, lang: Lang) -> list[tuple[str, str]]:
    """What a job was asked, each with its title; what is not here is as the policy has it."""
    if job.kind not in ("way", "scenario"):
        told = [
            (field_title(name, lang), _site_value(name, value, lang))
            for name, value in fields_of(job.arguments).items()
        ]
    else:
        told = [
            (phrase(key, lang), _way_value(name, job.arguments[name], lang))
            for name, key in (_OF_WAY if job.kind == "way" else _OF_SCENARIO).items()
            if job.arguments.get(name)
        ]
    return [(title, value if len(value) <= _LETTERS else f"{value[:_LETTERS]}…") for title, value in told]


def summary(job: jobs.Job, lang: Lang) -> str:
    """The question of a job in one line."""
    mark = "：" if lang == "zh" else ": "
    return ("；" if lang == "zh" else "; ").join(f"{title}{mark}{value}" for title, value in question(job, lang))


def _site_value(name: str, value: str, lang: Lang) -> str:
    if name == "over":
        over, _, rule = value.partition(":")
        if over == "candidates":
            return phrase("sites_over_of_rule", lang, rule=rule)
        return phrase("sites_over_outline_told" if over == "outline" else f"sites_over_{over}", lang)
    return phrase("yes", lang) if value == "true" else value


def _way_value(name: str, value: Any, lang: Lang) -> str:
    if name == "target_m2":
        return figures.number(value / 1e4, 2)
    if name == "limits":
        return "；".join(in_words(value, {}, lang))
    if isinstance(value, list):
        return ("、" if lang == "zh" else ", ").join(map(str, value))
    return phrase("yes", lang) if value is True else str(value)


def error(job: jobs.Job, lang: Lang) -> dict[str, str] | None:
    """Why a job failed, in the language of the page where it is told in both."""
    if job.error is None:
        return None
    suffix = "_zh" if lang == "zh" else ""
    return {name: job.error.get(name + suffix) or job.error.get(name, "") for name in ("message", "hint")}


def said(job: jobs.Job, lang: Lang) -> str:
    """What a job is at."""
    return in_chinese(job.said or "") if lang == "zh" else str(job.said or "")


def worked_s(job: jobs.Job) -> int | None:
    """For how many seconds a job has worked; ``None`` while it waits."""
    if job.started_at is None:
        return None
    return max(0, round(((job.ended_at or datetime.now(UTC)) - job.started_at).total_seconds()))


def limit_s(job: jobs.Job) -> float | None:
    """How many seconds the search of a job may take, where its question says."""
    limit = job.arguments.get("time_limit_s")
    return float(limit) if isinstance(limit, int | float) else None


def time_told(job: jobs.Job, lang: Lang) -> str:
    """How long a job has worked, and how long it may search."""
    worked, limit = worked_s(job), limit_s(job)
    if worked is None:
        return ""
    if limit is None:
        return phrase("job_worked", lang, n=worked)
    return phrase("job_worked_of", lang, n=worked, limit=f"{limit:g}")


def rows(found: list[jobs.Job], lang: Lang) -> list[Mapping[str, Any]]:
    """Jobs as the list shows them."""
    return [
        {
            "job": job.job_id,
            "kind": phrase(f"job_{job.kind}", lang),
            "state": job.state,
            "state_told": phrase(f"job_{job.state}", lang),
            "question": summary(job, lang),
            "made_at": job.made_at,
            "run_id": job.run_id,
            "time": time_told(job, lang),
            "result": SHOWN_AT[job.kind].format(job=job.job_id) if job.state == "done" else None,
        }
        for job in found
        if job.kind in SHOWN_AT
    ]
