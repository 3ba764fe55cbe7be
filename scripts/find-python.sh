#!/bin/sh
# Print the first Python on this machine that is new enough (PYTHON names another), or fail.
set -eu
for name in ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14}; do
    path=$(command -v "$name") || continue
    if "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$path"
        exit 0
    fi
done
echo 'No Python 3.11 or newer was found.' >&2
exit 1
