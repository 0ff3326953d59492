#!/bin/sh
# Asks through the packaged gateway's mesh listener with the clients that people have, each told of it by its proxy
# variables alone: the listed endpoints answer, any other host is refused with 403. Prints a line for each check; exits
# 1 where one failed.
#
#   loadtest/egress-clients.sh
#
# Needs a JDK 25, curl and openssl (Debian packages curl, openssl). wget, node, python3 and apt-get are asked where they
# are installed; NODE_PATH may name a directory with the package undici for a Node that knows no proxy variables.
set -u
cd "$(dirname "$0")/.."
JAVA_HOME=${JAVA_HOME:-$(.mvn/find-jdk.sh)}
JAVA=$JAVA_HOME/bin/java
JAR=target/quarkus-app/quarkus-run.jar
START_SECONDS=60

. loadtest/common/needs.sh
need "the packages curl and openssl" curl openssl
need_gateway

WORK=$(mktemp -d)
GATEWAY=
failures=0

finish() {
    exec 3>&- # the endpoint's input: it ends with it
    [ -z "$GATEWAY" ] || kill -KILL "$GATEWAY" 2>/dev/null
    rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 1' INT TERM

# row RESULT CLIENT CHECK WHAT-IT-SAID
row() {
    printf '%-4s | %-48s | %-30s | %s\n' "$1" "$2" "$3" "$4"
}

# check CLIENT CHECK EXPECTED-PATTERN ACTUAL: the pattern is the shell's, the text is that of all lines.
check() {
    said=$(printf '%s' "$4" | tr '\n' ' ' | cut -c 1-110)
    case $4 in
        $3) row PASS "$1" "$2" "$said" ;;
        *)
            row FAIL "$1" "$2" "expected $3, got: $4"
            failures=$((failures + 1))
            ;;
    esac
}

skip() {
    row SKIP "$1" "" "$2"
}

# The endpoint: a file, and a flat repository for apt, over HTTP and over HTTPS.
mkdir -p "$WORK/www/repository" "$WORK/config"
echo reached >"$WORK/www/file"
: >"$WORK/www/repository/Packages"
{
    LC_ALL=C date -u '+Date: %a, %d %b %Y %H:%M:%S UTC'
    echo "SHA256:"
    echo " $(openssl dgst -sha256 -r "$WORK/www/repository/Packages" | cut -d ' ' -f 1) 0 Packages"
} >"$WORK/www/repository/Release"
# certificate NAME KEY CHAIN
certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$1" \
        -addext "subjectAltName=DNS:$1" -keyout "$2" -out "$3" 2>/dev/null
}
certificate secure.example "$WORK/key" "$WORK/cacert"
mkdir -p "$WORK/secrets/proxy"
certificate proxy.example "$WORK/secrets/proxy/tls.key" "$WORK/secrets/proxy/tls.crt"
openssl pkcs12 -export -in "$WORK/cacert" -inkey "$WORK/key" -out "$WORK/store" -passout pass:changeit
"$JAVA_HOME/bin/keytool" -importcert -noprompt -alias endpoint -file "$WORK/cacert" -keystore "$WORK/trust" \
    -storetype PKCS12 -storepass changeit 2>/dev/null
mkfifo "$WORK/end"
"$JAVA" loadtest/FileEndpoint.java "$WORK/www" "$WORK/store" <"$WORK/end" >"$WORK/endpoint" &
exec 3>"$WORK/end"
set -- $("$JAVA" loadtest/FreePorts.java 2)
MESH=$1 HEALTH=$2
while [ ! -s "$WORK/endpoint" ]; do sleep 0.2; done
read -r PLAIN SECURE <"$WORK/endpoint"
sed "s/PLAIN_PORT/$PLAIN/; s/SECURE_PORT/$SECURE/" loadtest/egress/clients.yaml >"$WORK/config/clients.yaml"

export SALLYPORT_CONFIG_DIR="$WORK/config" SALLYPORT_SECRETS_DIR="$WORK/secrets" SALLYPORT_ADMIN_PORT=0
export SALLYPORT_HEALTH_PORT=$HEALTH SALLYPORT_MESH_ENABLED=true SALLYPORT_MESH_PORT=$MESH
export SALLYPORT_MESH_TLS_CREDENTIAL_NAME=proxy SALLYPORT_MESH_TLS_HOSTS=proxy.example
# GATEWAY_COMMAND is for another build of the gateway, such as the native one.
${GATEWAY_COMMAND:-"$JAVA" -jar "$JAR"} serve >"$WORK/access.log" 2>"$WORK/gateway.log" &
GATEWAY=$!
waited=0
until curl -sf --noproxy '*' -o "$WORK/ready" "http://127.0.0.1:$HEALTH/healthz/ready"; do
    waited=$((waited + 1))
    if [ $waited -gt $START_SECONDS ] || ! kill -0 $GATEWAY 2>/dev/null; then
        echo "the gateway does not start:" >&2
        cat "$WORK/gateway.log" >&2
        exit 1
    fi
    sleep 1
done

# through COMMAND: with the variables that say where the proxy is, and nothing else that could.
PROXY=http://127.0.0.1:$MESH
through() {
    env -u no_proxy -u NO_PROXY -u all_proxy -u ALL_PROXY http_proxy="$PROXY" https_proxy="$PROXY" \
        HTTP_PROXY="$PROXY" HTTPS_PROXY="$PROXY" "$@" 2>&1
}

# ask CLIENT BODY STATUS COMMAND: for the listed endpoints, for another host, and for a listed one by another port.
# Of a refused request the client shows BODY, of a refused CONNECT most show no more than STATUS; both are patterns.
ask() {
    client=$1 body=$2 status=$3
    shift 3
    check "$client" "http, listed" "*reached*" "$(through "$@" http://plain.example/file)"
    check "$client" "http, another host" "$body" "$(through "$@" http://other.example/file)"
    check "$client" "https, listed" "*reached*" "$(through "$@" https://secure.example/file)"
    check "$client" "https, another host" "$status" "$(through "$@" https://other.example/file)"
    check "$client" "https, listed for http only" "$status" "$(through "$@" https://plain.example/file)"
}

OUTCOME='%{http_code} %{errormsg}'
LISTING='*other.example*not on the list*kind: ServiceEntry*'
ask "curl" "$LISTING" "*403*" curl -sS -m 20 --cacert "$WORK/cacert" -w "$OUTCOME"
through curl -sS -m 20 -w "$OUTCOME" http://other.example/file >"$WORK/refusal"
check "curl, CONNECT for http" "listed" "*reached*200*" \
    "$(through curl -sS -m 20 -p -w "$OUTCOME" http://plain.example/file)"
check "curl, CONNECT for http" "another host within the tunnel" "*4[02][13]*" \
    "$(through curl -sS -m 20 -p -H 'Host: other.example' -w "$OUTCOME" http://plain.example/file)"
check "curl, no proxy variables" "http, listed, by --resolve" "*reached*200*" \
    "$(curl -sS -m 20 --noproxy '*' --connect-to "plain.example:80:127.0.0.1:$MESH" -w "$OUTCOME" \
        http://plain.example/file)"
check "curl, no proxy variables" "https, listed, by --resolve" "*reached*200*" \
    "$(curl -sS -m 20 --noproxy '*' --connect-to "secure.example:443:127.0.0.1:$MESH" --cacert "$WORK/cacert" \
        -w "$OUTCOME" https://secure.example/file)"

# secured OPTIONS: by the proxy port's own TLS, over which curl 8.1 and newer can speak HTTP/2.
secured() {
    curl -sS -m 20 --noproxy '' -x "https://proxy.example:$MESH" --resolve "proxy.example:$MESH:127.0.0.1" \
        --proxy-cacert "$WORK/secrets/proxy/tls.crt" --cacert "$WORK/cacert" -w "$OUTCOME" "$@" 2>&1
}
check "curl, https:// proxy" "https, listed" "*reached*200*" "$(secured https://secure.example/file)"
check "curl, https:// proxy" "https, another host" "*403*" "$(secured https://other.example/file)"
if curl --help all | grep -q -- --proxy-http2; then
    check "curl --proxy-http2" "https, listed" "*reached*200*" "$(secured --proxy-http2 https://secure.example/file)"
    check "curl --proxy-http2" "https, another host" "*403*" "$(secured --proxy-http2 https://other.example/file)"
else
    skip "curl --proxy-http2" "$(curl --version | cut -d ' ' -f 1-2 | head -n 1) does not have it (8.1 and newer do)"
fi

if command -v wget >/dev/null; then
    ask "wget" "$LISTING" "*tunneling failed: Forbidden*" \
        wget -nv -T 20 -t 1 --ca-certificate="$WORK/cacert" --content-on-error -O -
else
    skip "wget" "it is not installed"
fi

"$JAVA_HOME/bin/javac" -d "$WORK/client" loadtest/egress/Client.java
ask "Java $("$JAVA" -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p') HttpClient" "$LISTING" "*403*" "$JAVA" \
    -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort="$MESH" -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort="$MESH" \
    -Djavax.net.ssl.trustStore="$WORK/trust" -Djavax.net.ssl.trustStorePassword=changeit \
    -cp "$WORK/client" Client

if command -v node >/dev/null; then
    way=$(node loadtest/egress/client.js --which)
    # fetch asks for http by CONNECT too.
    case $way in *fetch*) body="*403*" ;; *) body=$LISTING ;; esac
    ask "node $(node --version) $way" "$body" "*403*" \
        env NODE_USE_ENV_PROXY=1 NODE_NO_WARNINGS=1 NODE_EXTRA_CA_CERTS="$WORK/cacert" node loadtest/egress/client.js
else
    skip "node" "it is not installed"
fi

if command -v python3 >/dev/null; then
    ask "$(python3 --version) urllib" "$LISTING" "*403*" \
        env SSL_CERT_FILE="$WORK/cacert" python3 loadtest/egress/client.py
else
    skip "python3" "it is not installed"
fi

# update URL: what apt-get says, with directories of its own.
update() {
    rm -rf "$WORK/apt"
    mkdir -p "$WORK/apt/state/lists/partial" "$WORK/apt/cache/archives/partial" "$WORK/apt/etc"
    echo "deb [trusted=yes] $1 repository/" >"$WORK/apt/etc/sources.list"
    : >"$WORK/apt/state/status"
    apt-get update -o Dir::Etc="$WORK/apt/etc" -o Dir::State="$WORK/apt/state" -o Dir::Cache="$WORK/apt/cache" \
        -o Dir::State::status="$WORK/apt/state/status" -o APT::Sandbox::User="" -o Acquire::Retries=0 \
        -o Acquire::http::Proxy="$PROXY" -o Acquire::https::Proxy="$PROXY" -o Acquire::https::CAInfo="$WORK/cacert" 2>&1
    ls "$WORK/apt/state/lists"
}
if command -v apt-get >/dev/null; then
    check "apt-get update" "http, listed" "*Get:*plain.example_repository_*Release*" \
        "$(update http://plain.example)"
    check "apt-get update" "http, another host" "*403*" "$(update http://other.example | grep -A 1 ^Err)"
    check "apt-get update" "https, listed" "*Get:*secure.example_repository_*Release*" \
        "$(update https://secure.example)"
    check "apt-get update" "https, another host" "*403*" "$(update https://other.example | grep -A 1 ^Err)"
else
    skip "apt-get" "it is not installed"
fi

check "access log" "refusals are RBAC, and say why" '*403 RBAC egress_host_not_listed*' \
    "$(grep other.example "$WORK/access.log" | tail -n 1)"
kill -TERM $GATEWAY
wait $GATEWAY
check "SIGTERM" "ends the gateway in order" 0 $?
GATEWAY=

echo
echo "What curl shows of a refused request:"
sed 's/^/    /' "$WORK/refusal"
[ $failures -eq 0 ]
