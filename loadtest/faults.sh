#!/bin/sh
# Edits the configuration of a running gateway at random under load, a fifth of the edits with faults, and counts what is lost.
#
#   loadtest/faults.sh [EDITS] [SEED]     1000 and 15 unless told otherwise
#
# Needs a JDK 25, openssl and the packaged gateway (make build). Exits 1 where a request failed, an answer was not to be given, or an edit
# was not in force within its bound.
# GATEWAY_COMMAND is for another build of the gateway, such as the native one.
set -eu
cd "$(dirname "$0")/.."
JAVA_HOME=${JAVA_HOME:-$(.mvn/find-jdk.sh)}
JAR=target/quarkus-app/quarkus-run.jar
if [ -z "${GATEWAY_COMMAND:-}" ] && [ ! -f "$JAR" ]; then
    echo "$JAR is not there: run 'make build' first" >&2
    exit 2
fi
exec "$JAVA_HOME/bin/java" loadtest/FaultsUnderLoad.java "$JAR" "${1:-1000}" "${2:-15}"
