#!/bin/sh
# Calls a gRPC service through the packaged gateway with the gRPC-Web clients that browsers use, under Node: grpc-web in
# both its formats and @improbable-eng/grpc-web. Prints a line for each check; exits 1 where one failed.
#
#   loadtest/grpc-web.sh
#
# Needs a JDK 25, curl and Node with npm (Debian packages curl, nodejs, npm), which installs the clients that
# loadtest/grpc-web/package.json names.
set -u
cd "$(dirname "$0")/.."
JAVA_HOME=${JAVA_HOME:-$(.mvn/find-jdk.sh)}
JAVA=$JAVA_HOME/bin/java
JAR=target/quarkus-app/quarkus-run.jar
START_SECONDS=60

. loadtest/common/needs.sh
need "the packages curl, nodejs and npm" curl node npm
need_gateway

WORK=$(mktemp -d)
GATEWAY=

finish() {
    exec 3>&- # the service's input: it ends with it
    [ -z "$GATEWAY" ] || kill -KILL "$GATEWAY" 2>/dev/null
    rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 1' INT TERM

cp loadtest/grpc-web/package.json loadtest/grpc-web/clients.mjs "$WORK"
(cd "$WORK" && npm install --silent --no-audit --no-fund) || exit 2
set -- $("$JAVA" loadtest/FreePorts.java 3)
HTTP=$1 HEALTH=$2 SERVICE=$3
mkfifo "$WORK/end"
node "$WORK/clients.mjs" service "$SERVICE" <"$WORK/end" >"$WORK/service" &
exec 3>"$WORK/end"
while [ ! -s "$WORK/service" ]; do sleep 0.2; done
mkdir "$WORK/config"
sed "s/SERVICE_PORT/$SERVICE/" loadtest/grpc-web/gateway.yaml >"$WORK/config/gateway.yaml"

export SALLYPORT_CONFIG_DIR="$WORK/config" SALLYPORT_SECRETS_DIR="$WORK" SALLYPORT_ADMIN_PORT=0
export SALLYPORT_HEALTH_PORT=$HEALTH SALLYPORT_PORT_MAP_80=$HTTP
# GATEWAY_COMMAND is for another build of the gateway, such as the native one.
${GATEWAY_COMMAND:-"$JAVA" -jar "$JAR"} serve >"$WORK/access.log" 2>"$WORK/gateway.log" &
GATEWAY=$!
waited=0
until curl -s -o "$WORK/ready" "http://127.0.0.1:$HTTP/"; do
    waited=$((waited + 1))
    if [ $waited -gt $START_SECONDS ] || ! kill -0 $GATEWAY 2>/dev/null; then
        echo "the gateway does not start:" >&2
        cat "$WORK/gateway.log" >&2
        exit 1
    fi
    sleep 1
done
node "$WORK/clients.mjs" calls "http://127.0.0.1:$HTTP"
