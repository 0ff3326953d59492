#!/bin/sh
# Verifies the tokens of a real issuer: Keycloak, found by OpenID Connect discovery, in front of a service that only one
# client may call. Prints a line for each check; exits 1 where one failed.
#
#   loadtest/keycloak.sh
#
# Needs a JDK 25, curl, jq and unzip (Debian packages curl, jq, unzip). Maven fetches Keycloak, 165 MB.
set -u
cd "$(dirname "$0")/.."
JAVA_HOME=${JAVA_HOME:-$(.mvn/find-jdk.sh)}
export JAVA_HOME
JAVA=$JAVA_HOME/bin/java
JAR=target/quarkus-app/quarkus-run.jar
VERSION=26.5.5
START_SECONDS=180

. loadtest/common/needs.sh
need "the packages curl, jq and unzip" curl jq unzip
need_gateway

WORK=$(mktemp -d)
GATEWAY=
KEYCLOAK=

finish() {
    exec 3>&- # the upstream's input: it ends with it
    [ -z "$GATEWAY" ] || kill -KILL "$GATEWAY" 2>/dev/null
    [ -z "$KEYCLOAK" ] || pkill -KILL -f "$WORK/keycloak" 2>/dev/null
    rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 1' INT TERM

. loadtest/common/checks.sh

./mvnw -q -B dependency:copy -Dartifact=org.keycloak:keycloak-quarkus-dist:$VERSION:zip -DoutputDirectory="$WORK" || exit 2
unzip -q "$WORK/keycloak-quarkus-dist-$VERSION.zip" -d "$WORK"
mv "$WORK/keycloak-$VERSION" "$WORK/keycloak"
mkdir -p "$WORK/keycloak/data/import" "$WORK/config" "$WORK/secrets"
cp loadtest/keycloak/realm.json "$WORK/keycloak/data/import/shop.json"

set -- $("$JAVA" loadtest/FreePorts.java 4)
HTTP=$1 HEALTH=$2 ISSUER=$3 MANAGEMENT=$4
REALM=http://127.0.0.1:$ISSUER/realms/shop
"$WORK/keycloak/bin/kc.sh" start-dev --import-realm --http-host=127.0.0.1 --http-port="$ISSUER" \
    --http-management-port="$MANAGEMENT" >"$WORK/keycloak.log" 2>&1 &
KEYCLOAK=$!
mkfifo "$WORK/end"
"$JAVA" loadtest/Upstream.java <"$WORK/end" >"$WORK/upstream" &
exec 3>"$WORK/end"
await $START_SECONDS Keycloak "$REALM/.well-known/openid-configuration"
while [ ! -s "$WORK/upstream" ]; do sleep 0.2; done
sed -e "s/UPSTREAM_PORT/$(cat "$WORK/upstream")/" -e "s|ISSUER|$REALM|" loadtest/keycloak/gateway.yaml \
    >"$WORK/config/gateway.yaml"

# token CLIENT
token() {
    curl -s -d grant_type=client_credentials -d client_id="$1" -d client_secret="$1-secret" \
        "$REALM/protocol/openid-connect/token" | jq -r .access_token
}

# status [CURL-OPTION...]
status() {
    curl -s -o "$WORK/answer" -w '%{http_code}' -H 'Host: payments.example' "$@" "http://127.0.0.1:$HTTP/payments"
}

export SALLYPORT_CONFIG_DIR="$WORK/config" SALLYPORT_SECRETS_DIR="$WORK/secrets" SALLYPORT_ADMIN_PORT=0
export SALLYPORT_HEALTH_PORT=$HEALTH SALLYPORT_PORT_MAP_80=$HTTP
# The issuer is at an address that names outside the mesh may not lead to.
export SALLYPORT_EGRESS_ALLOWED_CIDRS=127.0.0.0/8
# GATEWAY_COMMAND is for another build of the gateway, such as the native one.
${GATEWAY_COMMAND:-"$JAVA" -jar "$JAR"} serve >"$WORK/access.log" 2>"$WORK/gateway.log" &
GATEWAY=$!
await $START_SECONDS "the gateway" "http://127.0.0.1:$HEALTH/healthz/ready"

BILLING=$(token billing)
check "no token: the policy denies" 403 "$(status)"
check "billing's token" 200 "$(status -H "Authorization: Bearer $BILLING")"
check "the same over HTTP/2" 200 "$(status --http2-prior-knowledge -H "Authorization: Bearer $BILLING")"
check "another client's token: its claim is another" 403 "$(status -H "Authorization: Bearer $(token support)")"
check "a signature that was altered" 401 "$(status -H "Authorization: Bearer $(echo "$BILLING" | sed 's/.....$/AAAAA/')")"
check "a token without its signature" 401 "$(status -H "Authorization: Bearer ${BILLING%.*}.")"
check "no token at all, but the word" 401 "$(status -H 'Authorization: Bearer x')"
[ $failures = 0 ]
