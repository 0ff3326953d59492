#!/bin/sh
# Measures requests at a steady rate, in turns with and without a scrape of /metrics each second; or, with `page`, with and
# without somebody who looks at the routes on the admin page each second.
#
#   loadtest/scrapes.sh [ROUNDS] [SECONDS] [LABEL_SETS] [page]     5, 10 s a turn, and 2000 unless told otherwise
#
# Needs a JDK 25 and the packaged gateway (make build). Exits 1 where a request failed.
# GATEWAY_COMMAND is for another build of the gateway, such as the native one.
set -eu
cd "$(dirname "$0")/.."
JAVA_HOME=${JAVA_HOME:-$(.mvn/find-jdk.sh)}
JAR=target/quarkus-app/quarkus-run.jar
if [ -z "${GATEWAY_COMMAND:-}" ] && [ ! -f "$JAR" ]; then
    echo "$JAR is not there: run 'make build' first" >&2
    exit 2
fi
exec "$JAVA_HOME/bin/java" loadtest/Scrapes.java "$JAR" "${1:-5}" "${2:-10}" "${3:-2000}" "${4:-metrics}"
