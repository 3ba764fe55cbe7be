"""Whoever changes what a benchmark names hears of it here, and not when somebody measures."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import benchmarks


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(benchmarks.__path__)])
def test_every_benchmark_finds_what_it_names(name: str) -> None:
    assert importlib.import_module(f"benchmarks.{name}").__doc__
