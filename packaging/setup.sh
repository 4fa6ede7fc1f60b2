#!/bin/sh
# Prepares a clone: the system libraries that are missing, and .venv with exactly the locked packages.
#
#   sh packaging/setup.sh run     what the program needs
#   sh packaging/setup.sh test    and what its tests need, with a LangGraph server in .venv.langgraph beside it
#
# A copy of what each was made from lies in it, written last. So a second start only compares files, and a setup that
# was killed leaves no copy, and the next one starts again. Nothing outside the clone is written, apt packages aside.
set -eu

purpose=${1:-run}
case $purpose in
    run | test) ;;
    *) echo "usage: sh packaging/setup.sh run|test" >&2; exit 2 ;;
esac

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
venv=$root/.venv
beside=$root/.venv.langgraph
lock=$root/.venv.lock
locks=$root/packaging/lock

# One requirement a word; "a|b" is a library that has one name on some releases and the other on others.
for_offscreen="libegl1 libgl1 libglib2.0-0t64|libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0"
for_windows="libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-xkb1 libxcb-shape0 libxkbcommon-x11-0"
for_tests="xvfb xauth openbox xdotool dbus gnome-keyring"

say() { printf '%s\n' "clearance: $*" >&2; }
stop() { say "$*"; exit 1; }

# ---- what is there already -------------------------------------------------------------------------------------

# What .venv is made from. The path is part of it, because the scripts in .venv name it.
made_from() {
    printf '%s\n' "$root"
    case $1 in
        run) cat "$locks/runtime.txt" ;;
        test) cat "$locks/runtime.txt" "$locks/dev.txt" ;;
        project) cat "$root/pyproject.toml" ;;
        beside) cat "$locks/langgraph.txt" ;;
    esac
}

is_current() { [ -f "$venv/made-from-$1" ] && made_from "$1" | cmp -s - "$venv/made-from-$1"; }

# The tests' packages contain those of the program.
has_packages() { is_current test || { [ "$purpose" = run ] && is_current run; }; }

has_beside() {
    [ "$purpose" = run ] || { [ -f "$beside/made-from" ] && made_from beside | cmp -s - "$beside/made-from"; }
}

has_venv() {
    has_packages && is_current project && "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

is_ready() { has_venv && has_beside; }

# ---- system packages -------------------------------------------------------------------------------------------

required_libraries() {
    case $purpose in
        run) printf '%s\n' "$for_offscreen $for_windows" ;;
        test) printf '%s\n' "$for_offscreen $for_windows $for_tests" ;;
    esac
}

# Prints those of the given requirements of which no alternative is installed.
missing_of() {
    # shellcheck disable=SC2046  # the names are to be split
    installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' $(echo "$*" | tr '|' ' ') 2>/dev/null || true)"
    for requirement in "$@"; do
        found=no
        for name in $(echo "$requirement" | tr '|' ' '); do
            case $installed in *" installed:$name "*) found=yes ;; esac
        done
        [ "$found" = yes ] || printf '%s ' "$requirement"
    done
}

# Prints the alternative that this release has; the last one when apt knows none, so that its message names it.
names_of() {
    for requirement in "$@"; do
        chosen=''
        for name in $(echo "$requirement" | tr '|' ' '); do
            [ -n "$chosen" ] && apt-cache show "$chosen" >/dev/null 2>&1 || chosen=$name
        done
        printf '%s ' "$chosen"
    done
}

# Installs the given requirements, or says how to and stops.
install_packages() {
    as_root=''
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
            as_root="sudo -n"
        elif command -v sudo >/dev/null 2>&1 && [ -t 0 ]; then
            # It asks the person for their password, and they may decline.
            as_root=sudo
        else
            say "these system packages are missing, and installing them needs an administrator. Please run:"
            printf '\n    sudo apt-get update && sudo apt-get install --no-install-recommends %s\n\n' "$(names_of "$@")" >&2
            stop "then start again."
        fi
    fi
    say "installing system packages: $(echo "$*" | sed 's/[^ ]*|//g')"
    output=$(mktemp)
    # shellcheck disable=SC2046,SC2086  # names are to be split; as_root is a command and its option, or nothing
    if $as_root apt-get -q -o DPkg::Lock::Timeout=300 update >"$output" 2>&1 &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
            install --no-install-recommends $(names_of "$@") >>"$output" 2>&1 </dev/null; then
        rm -f "$output"
    else
        tail -n 15 "$output" >&2
        rm -f "$output"
        stop "apt-get did not install them (its last lines stand above). Nothing else was changed; start again later."
    fi
}

install_missing_libraries() {
    if command -v dpkg-query >/dev/null 2>&1; then
        # shellcheck disable=SC2046  # one requirement a word
        missing=$(missing_of $(required_libraries))
        # shellcheck disable=SC2086
        [ -z "$missing" ] || install_packages $missing
    elif ! is_ready; then
        say "this is not Debian or Ubuntu, so system libraries are left to you. Qt needs EGL, GL, GLib, D-Bus,"
        say "fontconfig and xkbcommon; its windows on X11 also xcb-cursor, xcb-icccm, xcb-keysyms, xcb-xkb, xcb-shape"
        say "and xkbcommon-x11$([ "$purpose" = run ] || printf '; the tests Xvfb, xauth, openbox, xdotool, dbus and gnome-keyring'). Going on."
    fi
}

# ---- Python ----------------------------------------------------------------------------------------------------

# Sets $python to one that fits and can make environments; $bare to the version of one that fits and cannot.
find_python() {
    python='' bare=''
    for name in python3.11 python3.12 python3.13 python3.14 python3; do
        version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        case $version in 3.11 | 3.12 | 3.13 | 3.14) ;; *) continue ;; esac
        if "$name" -c 'import venv, ensurepip' 2>/dev/null; then
            python=$name
            return
        fi
        bare=${bare:-$version}
    done
}

need_python() {
    find_python
    [ -z "$python" ] || return 0
    if command -v apt-get >/dev/null 2>&1; then
        if [ -n "$bare" ]; then
            install_packages "python$bare-venv"
        else
            install_packages python3 python3-venv
        fi
        find_python
    fi
    [ -n "$python" ] ||
        stop "Python 3.11 to 3.14 with its venv module is needed, and none was found on PATH. Install one, then start again."
}

# ---- .venv -----------------------------------------------------------------------------------------------------

pip() { "$venv/bin/python" -m pip --disable-pip-version-check --no-input -q "$@"; }

record() {
    made_from "$1" >"$venv/made-from-$1.new"
    mv -f "$venv/made-from-$1.new" "$venv/made-from-$1"
}

install_locked() {
    case $purpose in
        run) file=$locks/runtime.txt ;;
        test) file=$locks/dev.txt ;;  # contains runtime.txt
    esac
    pip install --root-user-action=ignore --require-hashes --only-binary :all: -r "$file"
}

# Adds the tests' packages to those of the program, or starts from nothing: what is not locked must not be there.
prepare_packages() {
    if is_current run && "$venv/bin/python" -c '' 2>/dev/null; then
        say "adding what the tests need"
    else
        need_python
        say "making .venv with $("$python" -V) and the locked packages (one to three minutes the first time)"
        rm -rf "$venv"
        "$python" -m venv "$venv" || stop "$python could not make $venv (its message stands above)."
    fi
    rm -f "$venv/made-from-run" "$venv/made-from-test" "$venv/made-from-project"
    install_locked || stop "the locked packages could not be installed (pip's message stands above). Start again to retry."
}

prepare_venv() {
    { has_packages && "$venv/bin/python" -c '' 2>/dev/null; } || prepare_packages
    pip install --root-user-action=ignore --no-build-isolation --no-deps -e "$root" ||
        stop "the project itself could not be installed (pip's message stands above)."
    record project
    is_current test || record "$purpose"
}

# ---- .venv.langgraph -------------------------------------------------------------------------------------------

# Large, and partly under a licence that the program may not carry: for tests only, and never in .venv.
prepare_beside() {
    has_beside && "$beside/bin/python" -c '' 2>/dev/null && return
    say "making .venv.langgraph with the server that the tests of LangGraph start (half a minute the first time)"
    rm -rf "$beside"
    "$venv/bin/python" -m venv "$beside" || stop "$beside could not be made (the message stands above)."
    # The lock holds all that is wanted; one package that the server names and never loads is left out (pyproject.toml).
    "$beside/bin/python" -m pip --disable-pip-version-check --no-input -q install --root-user-action=ignore \
        --no-deps --require-hashes --only-binary :all: -r "$locks/langgraph.txt" ||
        stop "the locked packages of .venv.langgraph could not be installed (pip's message stands above). Start again to retry."
    made_from beside >"$beside/made-from.new"
    mv -f "$beside/made-from.new" "$beside/made-from"
}

# ---- one setup at a time ---------------------------------------------------------------------------------------

# A process is named by its number and, where /proc tells it, its start: numbers come again after a reboot.
started_at() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

# A setup that was killed can leave its pip at work; what that one writes must not meet a new .venv.
is_pip_at_work() {
    for process in /proc/[0-9]*/cmdline; do
        case $(tr '\0' ' ' 2>/dev/null <"$process") in
            "$root/.venv"*"/bin/python"*" -m pip "* | "$root/.venv"*"/bin/python"*" ensurepip "*) return 0 ;;
        esac
    done 2>/dev/null
    return 1
}

# Succeeds while the named holder, or a pip that it left, lives.
is_alive() {
    process=${1%:*}
    { kill -0 "$process" 2>/dev/null && [ "$(started_at "$process")" = "${1#*:}" ]; } || is_pip_at_work
}

# Removes the lock of a holder that is gone. One at a time: else a second one, late, would remove the first one's new lock.
break_stale_lock() {
    mkdir "$lock.break" 2>/dev/null || return 0
    holder=$(readlink "$lock" 2>/dev/null || true)
    [ -z "$holder" ] || is_alive "$holder" || rm -f "$lock"
    rmdir "$lock.break"
}

# The lock is a link whose target names its holder: made and named in one step.
take_lock() {
    waits=0
    until ln -s "$$:$(started_at $$)" "$lock" 2>/dev/null; do
        holder=$(readlink "$lock" 2>/dev/null || true)
        if [ -n "$holder" ] && ! is_alive "$holder"; then
            break_stale_lock
        elif [ "$waits" = 0 ]; then
            say "another setup is at work here; waiting for it"
        fi
        waits=$((waits + 1))
        [ "$waits" -le 1800 ] || stop "another setup did not end in half an hour. If there is none, remove $lock and $lock.break."
        [ "$waits" = 1 ] || sleep 1
    done
    trap 'rm -f "$lock"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# ----------------------------------------------------------------------------------------------------------------

# What a person has set for other programs must not reach the environment made here.
unset PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX PIP_USER PIP_REQUIRE_HASHES 2>/dev/null || true

install_missing_libraries
is_ready && exit 0
[ -w "$root" ] || stop "$root cannot be written by $(id -un), and .venv belongs there. Clone into a folder of yours."
take_lock
is_ready && exit 0
has_venv || prepare_venv
[ "$purpose" = run ] || prepare_beside
say "ready"
