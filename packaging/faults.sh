#!/bin/sh
# The fault campaign: decisions on a real server while calls go astray and processes die. Arguments go to the campaign.
#
#   sh packaging/faults.sh [--decisions N] [--seed S] [--folder DIR]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
sh "$root/packaging/setup.sh" test
cd "$root"
exec .venv/bin/python -m tests.faults "$@"
