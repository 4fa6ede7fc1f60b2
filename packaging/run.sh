#!/bin/sh
# Clearance from a fresh clone: prepares what is missing, then opens the window on the demo. Without a display it
# drives the window unseen through the same journey and says where the pictures are.
#
#   sh packaging/run.sh [options of `clearance demo`, or without a display of `clearance tour`]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
sh "$root/packaging/setup.sh" run
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec "$root/.venv/bin/clearance" demo "$@"
fi
pictures=${XDG_DATA_HOME:-$HOME/.local/share}/clearance/tour
echo "clearance: no display here, so the window is drawn unseen; its pictures go to $pictures" >&2
mkdir -p "$pictures"
QT_QPA_PLATFORM=offscreen exec "$root/.venv/bin/clearance" tour --out "$pictures" "$@"
