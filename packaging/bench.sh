#!/bin/sh
# The benchmarks, one line each. Arguments go to the benchmarks.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
sh "$root/packaging/setup.sh" test
cd "$root"
if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"
fi
exec .venv/bin/python -m tests.bench "$@"
