#!/bin/sh
# All tests, from a clean clone. Arguments go to pytest, and are then all that it is told.
#
#   sh packaging/test.sh --setup-only    prepares .venv and stops
#   sh packaging/test.sh [pytest's arguments]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
sh "$root/packaging/setup.sh" test
[ "${1:-}" != --setup-only ] || exit 0
cd "$root"
# A few files of tests at once, since most of their time is waiting for servers.
[ $# -gt 0 ] || set -- -n 3 --dist loadfile
# Tests that need a real window start a display of their own.
QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen} exec .venv/bin/python -m pytest "$@"
