#!/bin/sh
# Makes the JVM's AOT cache (JEP 514): serves the demo, asks it what a gateway is asked, stops it as Kubernetes does. What was loaded and
# linked by then is in the cache, and need not be found, parsed and verified at the next start.
#
#   src/main/docker/train-aot.sh [DIRECTORY]     of the packaged gateway, target/quarkus-app unless told otherwise
#
# Writes DIRECTORY/app.aot, for -XX:AOTCache. The JVM uses it only with the same JVM build, the same jars at the same path and the same kind
# of garbage collector: JDK_JAVA_OPTIONS must be what the gateway is started with. Needs curl.
set -eu
DIRECTORY=${1:-target/quarkus-app}
JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java
HTTP=${HTTP_PORT:-18080} HTTPS=${HTTPS_PORT:-18443} HEALTH=${HEALTH_PORT:-18021}
START_SECONDS=60
WORK=$(mktemp -d)
GATEWAY=

finish() {
    [ -z "$GATEWAY" ] || kill -KILL "$GATEWAY" 2>/dev/null || true
    rm -rf "$WORK"
}
trap finish EXIT

DIRECTORY=$(cd -P "$DIRECTORY" && pwd -P) # as it is named here, so it must be named when the cache is used
CACHE=$DIRECTORY/app.aot
rm -f "$CACHE"
export SALLYPORT_HEALTH_PORT=$HEALTH SALLYPORT_ADMIN_PORT=0
# The heap is bounded so that a large machine does not make a cache for its larger references.
"$JAVA" -Xmx512m -XX:AOTCacheOutput="$CACHE" -jar "$DIRECTORY/quarkus-run.jar" demo \
    --http-port "$HTTP" --https-port "$HTTPS" >"$WORK/out" 2>"$WORK/err" &
GATEWAY=$!
waited=0
until curl -sf -o "$WORK/ready" "http://127.0.0.1:$HEALTH/healthz/ready"; do
    waited=$((waited + 1))
    if [ $waited -gt $START_SECONDS ] || ! kill -0 $GATEWAY 2>/dev/null; then
        cat "$WORK/err" >&2
        exit 1
    fi
    sleep 1
done

ask() {
    curl -s -k -o "$WORK/body" -m 10 --connect-to "::127.0.0.1:" "$@"
}
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    ask "http://shop.localhost:$HTTP/payments"
    ask -d hello "http://shop.localhost:$HTTP/echo/some/path?x=1"
    ask --http2 "https://shop.localhost:$HTTPS/payments"
    ask --http1.1 "https://shop.localhost:$HTTPS/about"
    ask "http://shop.localhost:$HTTP/pay/"
    ask "http://other.localhost:$HTTP/"
    ask "http://127.0.0.1:$HEALTH/healthz/live"
    ask "http://127.0.0.1:$HEALTH/metrics"
done
ask "http://shop.localhost:$HTTP/slow"

kill -TERM $GATEWAY
if ! wait $GATEWAY; then
    cat "$WORK/err" >&2
    exit 1
fi
GATEWAY=
# Where the JVM cannot use a cache it says nothing and starts slowly, unless it is told that it must.
cd /
"$JAVA" -XX:AOTCache="$CACHE" -XX:AOTMode=on -jar "$DIRECTORY/quarkus-run.jar" --version
ls -l "$CACHE"
