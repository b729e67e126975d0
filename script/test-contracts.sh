#!/bin/sh
# Runs the contracts' tests; fails where gas differs from snapshots/, and also where an entry is new or gone, which
# forge itself lets pass.
set -eu
cd "$(dirname "$0")/.."

before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
cp -R snapshots/. "$before" 2>/dev/null || true

FORGE_SNAPSHOT_CHECK=true FORGE_SNAPSHOT_EMIT=true script/foundry forge test --isolate

mkdir -p snapshots
if ! diff -r "$before" snapshots >&2; then
    rm -rf snapshots
    mkdir snapshots && cp -R "$before/." snapshots/
    echo "snapshots/ lacks entries or has some that no test makes; run 'make snapshots' and review the difference" >&2
    exit 1
fi
