#!/bin/sh
# Reads Prometheus' configuration and alerts with its own promtool, and plays to each alert what must raise it and what must
# not. Skipped, which is said, where promtool is missing; ENTENTE_REQUIRE_ALL, set to anything, makes that a failure.
set -eu
cd "$(dirname "$0")/../deploy/prometheus"

say() { echo "alerts: $*" >&2; }

command -v promtool >/dev/null || {
    say "SKIPPED: promtool is missing; script/setup.sh installs Debian's, of the package prometheus"
    [ -z "${ENTENTE_REQUIRE_ALL+set}" ] || exit 1
    exit 0
}
promtool check config prometheus.yml
promtool test rules alerts.test.yml
# Nothing would miss a case.
for alert in $(sed -n 's/^ *- alert: //p' alerts.yml); do
    grep -q "alertname=\"$alert\"" alerts.test.yml && grep -q "alertname: $alert\$" alerts.test.yml ||
        { say "alerts.test.yml raises no $alert"; exit 1; }
done
