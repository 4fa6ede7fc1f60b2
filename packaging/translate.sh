#!/bin/sh
# Writes the template of translations anew: resources/translations/clearance.pot, with every text that people read.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
sh "$root/packaging/setup.sh" run
exec "$root/.venv/bin/python" "$root/packaging/translate.py" "$@"
