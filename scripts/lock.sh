#!/bin/sh
# Write requirements.lock anew from pyproject.toml: every dependency and extra, for every system, with hashes, no hosts.
set -eu
cd "$(dirname "$0")/.."
# uv lives in a folder of its own: it makes the lock and is not a part of what the lock describes.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
.venv/bin/python -m venv "$tools"
"$tools/bin/pip" --disable-pip-version-check install -q uv
"$tools/bin/uv" pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header --no-annotate -q --output-file requirements.lock
