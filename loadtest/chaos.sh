#!/bin/sh
# Makes one of four endpoints refuse, hang, reset, answer 500, answer slowly, come and go, under load, and prints what clients saw.
#
#   loadtest/chaos.sh [SECONDS]     that each fault lasts; 6 unless told otherwise
#
# Needs a JDK 25 and the packaged gateway (make build). Exits 1 where a request failed on the endpoint that refuses
# after it was ejected.
# GATEWAY_COMMAND is for another build of the gateway, such as the native one.
set -eu
cd "$(dirname "$0")/.."
JAVA_HOME=${JAVA_HOME:-$(.mvn/find-jdk.sh)}
JAR=target/quarkus-app/quarkus-run.jar
if [ -z "${GATEWAY_COMMAND:-}" ] && [ ! -f "$JAR" ]; then
    echo "$JAR is not there: run 'make build' first" >&2
    exit 2
fi
exec "$JAVA_HOME/bin/java" loadtest/Chaos.java "$JAR" "${1:-6}"
