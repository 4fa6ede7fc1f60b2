#!/bin/sh
# Writes the lock files anew from pyproject.toml, for all platforms and Python versions at once; needs uv on PATH.
# Versions already locked stay; `sh packaging/lock.sh --upgrade` takes the newest that pyproject.toml allows.
set -eu
cd -- "$(dirname -- "$0")/.."
compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"
}
compile "$@" pyproject.toml --group build --output-file packaging/lock/runtime.txt
compile "$@" pyproject.toml --extra otlp --constraint packaging/lock/runtime.txt --output-file packaging/lock/otlp.txt
compile "$@" pyproject.toml --extra otlp --group dev --constraint packaging/lock/otlp.txt \
    --constraint packaging/lock/runtime.txt --output-file packaging/lock/dev.txt
# An environment of its own, so that its versions need not be the program's.
compile "$@" --group pyproject.toml:langgraph --output-file packaging/lock/langgraph.txt
