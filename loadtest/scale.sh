#!/bin/sh
# What the size of a configuration costs: how soon a new route is in force, how soon one change among 40,000 resources, how long 10,000 VirtualServices take, what a
# request costs among 100,000 hosts.
#
#   loadtest/scale.sh [routes=3000] [changes=100] [services=10000] [hosts=100000] [rounds=3] [seconds=4] [results=DIRECTORY]
#
# 0 leaves a part out. Measures the packaged gateway (make build) and, where it was built, the native one (make native), or
# only the command in GATEWAY_COMMAND, to which `serve` is added. Writes loadtest/results/scale.md. Needs Linux, two
# processors, a JDK 25 and wrk (Debian package wrk).
set -eu
cd "$(dirname "$0")/.."
JAVA_HOME=${JAVA_HOME:-$(.mvn/find-jdk.sh)}
if ! command -v wrk >/dev/null; then
    echo "wrk is needed: apt-get install wrk" >&2
    exit 2
fi
if [ -z "${GATEWAY_COMMAND:-}" ] && [ ! -f target/quarkus-app/quarkus-run.jar ]; then
    echo "target/quarkus-app/quarkus-run.jar is not there: run 'make build' first" >&2
    exit 2
fi
exec "$JAVA_HOME/bin/java" -Xmx1g loadtest/scale/Scale.java "$@"
