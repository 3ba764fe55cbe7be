#!/bin/sh
# Make .venv from the hash-locked list, then put the project itself into it as it stands.
#
# .venv/.unfinished stands there while it is made: an environment that was cut short is thrown away, not trusted.
set -eu
cd "$(dirname "$0")/.."

python=$(scripts/find-python.sh)
[ ! -e .venv/.unfinished ] || rm -rf .venv
mkdir -p .venv
: >.venv/.unfinished
rm -f .venv/.finished
"$python" -m venv .venv
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input -q "$@"; }
pip install --require-hashes -r requirements.lock
# The build backend is in the lock, too: nothing is fetched that has no hash.
pip install --no-deps --no-build-isolation -e .
.venv/bin/python -m compileall -q geo maps api || true # only for speed
late() { echo "$1 could not compile: the first question will try again, and say what is wrong." >&2; }
# Only for speed, too: adjacency and the search for sites are compiled now and not under somebody's first question.
.venv/bin/python -c 'from geo.measure.compiling import warm; warm()' || late geo.measure.compiling
.venv/bin/python -c 'from geo.judge.sites.compiling import warm; warm()' || late geo.judge.sites.compiling
rm .venv/.unfinished
: >.venv/.finished
