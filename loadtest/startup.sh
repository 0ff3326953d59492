#!/bin/sh
# Starts the gateway again and again: time from exec to the first forwarded answer, CPU until then, memory.
#
#   loadtest/startup.sh [ROUNDS [COMMAND...]]     10 rounds of the jar unless told otherwise, with its AOT cache where there is one
#   loadtest/startup.sh 10 target/sallyport-0.1.0-SNAPSHOT-runner serve
#
# Needs a JDK 25, openssl and what is to be started: make build, make aot or make native. Linux only.
set -eu
cd "$(dirname "$0")/.."
JAVA_HOME=${JAVA_HOME:-$(.mvn/find-jdk.sh)}
ROUNDS=${1:-10}
[ $# -eq 0 ] || shift
if [ $# -eq 0 ]; then
    APP=$PWD/target/quarkus-app
    if [ ! -f "$APP/quarkus-run.jar" ]; then
        echo "$APP is not there: run 'make build' or 'make aot' first" >&2
        exit 2
    fi
    set -- "$JAVA_HOME/bin/java" -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
    [ ! -f "$APP/app.aot" ] || set -- "$@" "-XX:AOTCache=$APP/app.aot" -XX:AOTMode=on
    set -- "$@" -jar "$APP/quarkus-run.jar" serve
fi
exec "$JAVA_HOME/bin/java" loadtest/Startup.java "$ROUNDS" "$@"
