#!/bin/sh
# Asks the packaged gateway with the clients that people use: curl, openssl and h2load. Prints a line for each check;
# exits 1 where one failed.
#
#   loadtest/acceptance.sh
#
# Needs a JDK 25, curl with HTTP/2 and openssl (Debian packages curl, openssl); with h2load (package nghttp2-client) it
# checks more. The configuration is in loadtest/acceptance.
set -u
cd "$(dirname "$0")/.."
JAVA=${JAVA_HOME:-$(.mvn/find-jdk.sh)}/bin/java
JAR=target/quarkus-app/quarkus-run.jar
START_SECONDS=60

. loadtest/common/needs.sh
need "the packages curl and openssl" curl openssl
need_gateway

WORK=$(mktemp -d)
GATEWAY=
failures=0

finish() {
    exec 3>&- # the upstream's input: it ends with it
    [ -z "$GATEWAY" ] || kill -KILL "$GATEWAY" 2>/dev/null
    rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 1' INT TERM

# check NAME EXPECTED-PATTERN ACTUAL: the pattern is the shell's, the text is that of all lines.
check() {
    case $3 in
        $2) echo "PASS $1" ;;
        *)
            echo "FAIL $1: expected $2, got: $3"
            failures=$((failures + 1))
            ;;
    esac
}

certificate() {
    mkdir -p "$WORK/secrets/$1"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$1.example" \
        -addext "subjectAltName=DNS:$1.example" -keyout "$WORK/secrets/$1/tls.key" -out "$WORK/secrets/$1/tls.crt" \
        2>/dev/null
}

mkfifo "$WORK/end"
"$JAVA" loadtest/Upstream.java <"$WORK/end" >"$WORK/upstream" &
exec 3>"$WORK/end"
certificate a
certificate b
set -- $("$JAVA" loadtest/FreePorts.java 4)
HTTP=$1 HTTP2=$2 HTTPS=$3 HEALTH=$4
while [ ! -s "$WORK/upstream" ]; do sleep 0.2; done
mkdir "$WORK/config"
for file in loadtest/acceptance/*.yaml; do
    sed "s/UPSTREAM_PORT/$(cat "$WORK/upstream")/" "$file" >"$WORK/config/$(basename "$file")"
done

export SALLYPORT_CONFIG_DIR="$WORK/config" SALLYPORT_SECRETS_DIR="$WORK/secrets" SALLYPORT_ADMIN_PORT=0
export SALLYPORT_HEALTH_PORT=$HEALTH SALLYPORT_PORT_MAP_80=$HTTP SALLYPORT_PORT_MAP_8080=$HTTP2
export SALLYPORT_PORT_MAP_443=$HTTPS
# GATEWAY_COMMAND is for another build of the gateway, such as the native one.
${GATEWAY_COMMAND:-"$JAVA" -jar "$JAR"} serve >"$WORK/access.log" 2>"$WORK/gateway.log" &
GATEWAY=$!
waited=0
until curl -sf -o "$WORK/ready" "http://127.0.0.1:$HEALTH/healthz/ready"; do
    waited=$((waited + 1))
    if [ $waited -gt $START_SECONDS ] || ! kill -0 $GATEWAY 2>/dev/null; then
        echo "the gateway does not start:" >&2
        cat "$WORK/gateway.log" >&2
        exit 1
    fi
    sleep 1
done

# ask ARGUMENTS: by curl, with the hosts of the configuration at the gateway's ports.
ask() {
    curl -s -m 20 --resolve "a.example:$HTTP:127.0.0.1" --resolve "a.example:$HTTP2:127.0.0.1" \
        --resolve "a.example:$HTTPS:127.0.0.1" --resolve "b.example:$HTTPS:127.0.0.1" \
        --resolve "c.example:$HTTP:127.0.0.1" --cacert "$WORK/cacert" "$@"
}
cat "$WORK/secrets/a/tls.crt" "$WORK/secrets/b/tls.crt" >"$WORK/cacert"
OUTCOME='%{http_version} %{http_code}'

check "curl: HTTP/1.1 is forwarded" "ok*1.1 200" "$(ask -w "$OUTCOME" "http://a.example:$HTTP/")"
check "curl: an unknown host is not found" "1.1 404" "$(ask -o /dev/null -w "$OUTCOME" "http://c.example:$HTTP/")"
check "curl: a response by the configuration" "fixed" "$(ask "http://a.example:$HTTP/fixed")"
check "curl: a redirect" "308 http://a.example:$HTTP/new" \
    "$(ask -o /dev/null -w '%{http_code} %{redirect_url}' "http://a.example:$HTTP/old/thing")"
check "curl: a header chooses the route" "*x-version: canary*" \
    "$(ask -i -H 'x-canary: yes' "http://a.example:$HTTP/")"
check "curl: TRACE is refused" "1.1 405" "$(ask -X TRACE -o /dev/null -w "$OUTCOME" "http://a.example:$HTTP/")"
check "curl: an upgrade to h2c is not taken" "ok*1.1 200" "$(ask --http2 -w "$OUTCOME" "http://a.example:$HTTP/")"
check "curl: h2c on a port for it" "ok*2 200" \
    "$(ask --http2-prior-knowledge -w "$OUTCOME" "http://a.example:$HTTP2/")"
check "curl: HTTP/1.1 over TLS" "ok*1.1 200" "$(ask --http1.1 -w "$OUTCOME" "https://a.example:$HTTPS/")"
check "curl: HTTP/2 over TLS" "ok*2 200" "$(ask --http2 -w "$OUTCOME" "https://a.example:$HTTPS/")"
check "curl: an endpoint that is down" "2 503" \
    "$(ask --http2 -o /dev/null -w "$OUTCOME" "https://b.example:$HTTPS/")"
head -c 3000000 /dev/zero >"$WORK/body"
check "curl: a large body over HTTP/2" "ok*2 200" \
    "$(ask --http2 --data-binary "@$WORK/body" -w "$OUTCOME" "https://a.example:$HTTPS/")"
check "curl: a large body over HTTP/1.1, after 100 Continue" "ok*1.1 200" \
    "$(ask -H 'Expect: 100-continue' --data-binary "@$WORK/body" -w "$OUTCOME" "http://a.example:$HTTP/")"
check "curl: a chunked body" "ok*1.1 200" \
    "$(ask -H 'Transfer-Encoding: chunked' -d text -w "$OUTCOME" "http://a.example:$HTTP/")"

handshake() {
    openssl s_client -connect "127.0.0.1:$HTTPS" "$@" </dev/null 2>&1
}
for name in a b; do
    check "openssl: the certificate of $name.example" "*CN = $name.example*" \
        "$(handshake -servername $name.example | sed 's/CN=/CN = /')"
done
check "openssl: an unknown name is refused" "*unrecognized name*" "$(handshake -servername c.example)"
check "openssl: no name is refused" "*alert*" "$(handshake -noservername)"
check "openssl: ALPN h2" "*ALPN protocol: h2*" "$(handshake -servername a.example -alpn h2,http/1.1)"
check "openssl: ALPN http/1.1" "*ALPN protocol: http/1.1*" "$(handshake -servername a.example -alpn http/1.1)"
check "openssl: an unknown ALPN protocol is refused" "*no application protocol*" \
    "$(handshake -servername a.example -alpn spdy/1)"
check "openssl: TLS 1.2" "*TLSv1.2*Verif*" "$(handshake -servername a.example -tls1_2)"
check "openssl: TLS 1.2 below a minimum of 1.3 is refused" "*alert protocol version*" \
    "$(handshake -servername b.example -tls1_2)"
check "openssl: TLS 1.1 is refused" "*alert protocol version*" \
    "$(handshake -servername a.example -tls1_1 -cipher DEFAULT@SECLEVEL=0)"

if command -v h2load >/dev/null; then
    check "h2load: HTTP/2 over TLS" "*5000 succeeded, 0 failed, 0 errored*5000 2xx*" \
        "$(h2load -n 5000 -c 10 -m 20 --connect-to="127.0.0.1:$HTTPS" "https://a.example:$HTTPS/" 2>&1)"
    check "h2load: h2c" "*5000 succeeded, 0 failed, 0 errored*5000 2xx*" \
        "$(h2load -n 5000 -c 10 -m 20 --connect-to="127.0.0.1:$HTTP2" "http://a.example:$HTTP2/" 2>&1)"
    check "h2load: HTTP/1.1" "*5000 succeeded, 0 failed, 0 errored*5000 2xx*" \
        "$(h2load --h1 -n 5000 -c 10 --connect-to="127.0.0.1:$HTTP" "http://a.example:$HTTP/" 2>&1)"
else
    echo "SKIP h2load is not there: install the package nghttp2-client"
fi

check "metrics count the requests by code" '*istio_requests_total{*response_code="503"*' \
    "$(curl -s "http://127.0.0.1:$HEALTH/metrics")"
check "the access log has the refusal's flag" '*"GET / HTTP/2" 503 UF*' "$(cat "$WORK/access.log")"
kill -TERM $GATEWAY
wait $GATEWAY
check "SIGTERM ends it in order" 0 $?
GATEWAY=

[ $failures -eq 0 ]
