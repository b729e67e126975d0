#!/bin/sh
# Runs the contracts' tests and fails where what they measured differs from snapshots/ in any way: other gas, an entry
# more or less, or none at all since no test ran, which forge itself lets pass.
set -eu
cd "$(dirname "$0")/.."

before=$(mktemp -d)
cp -R snapshots/. "$before"
restore() {
    rm -rf snapshots
    mkdir snapshots
    cp -R "$before/." snapshots/
    rm -rf "$before"
}
trap restore EXIT
rm -rf snapshots

FORGE_SNAPSHOT_CHECK=false FORGE_SNAPSHOT_EMIT=true script/foundry forge test --isolate

mkdir -p snapshots
diff -r "$before" snapshots >&2 || {
    echo "gas differs from snapshots/; run 'make snapshots' and review the difference" >&2
    exit 1
}
