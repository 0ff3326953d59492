#!/bin/sh
# Squid and the packaged gateway as forward proxies, side by side: CONNECT tunnels, bytes through tunnels, and plain
# forward-proxied requests. The proxy has core 0, the load and the endpoints have core 1; the proxies take turns.
#
#   loadtest/egress.sh [ROUNDS] [SECONDS]      medians of 5 rounds of 4 s each, unless told otherwise
#
# Writes loadtest/results/egress.md. Needs Linux, two processors, a JDK 25, squid (Debian package squid-openssl), wrk
# (package wrk), taskset (package util-linux) and curl.
# CPU is user and system time of the proxy's processes, from /proc. Rates mean something on a quiet machine only.
set -u
cd "$(dirname "$0")/.."
ROUNDS=${1:-5}
SECONDS_EACH=${2:-4}
WARM_SECONDS=5
# So many tunnels and requests are what the JIT compiler needs to see first, at most so many times WARM_SECONDS.
WARM_COUNT=30000
WARM_TURNS=10
JAVA_HOME=${JAVA_HOME:-$(.mvn/find-jdk.sh)}
JAVA=$JAVA_HOME/bin/java
JAR=target/quarkus-app/quarkus-run.jar
RESULTS=loadtest/results/egress.md
PATH=$PATH:/usr/sbin
START_SECONDS=60

for tool in squid:squid-openssl wrk:wrk taskset:util-linux curl:curl; do
    if ! command -v ${tool%:*} >/dev/null; then
        echo "${tool%:*} is not there: install the package ${tool#*:}" >&2
        exit 2
    fi
done
if [ ! -f "$JAR" ]; then
    echo "$JAR is not there: run 'make build' first" >&2
    exit 2
fi

WORK=$(mktemp -d)
chmod 755 "$WORK"
GATEWAY=
SQUID=

finish() {
    exec 3>&- 4>&- # the endpoints' and the load's input: they end with it
    [ -z "$GATEWAY" ] || kill -KILL "$GATEWAY" 2>/dev/null
    # In order: else it leaves its shared memory behind.
    [ -z "$SQUID" ] || { kill -TERM "$SQUID" 2>/dev/null; wait "$SQUID"; }
    rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 1' INT TERM

fail() {
    echo "$1" >&2
    [ $# -lt 2 ] || tail -n 30 "$2" >&2
    exit 1
}

mkfifo "$WORK/end" "$WORK/orders" "$WORK/outcomes"
taskset -c 1 "$JAVA" loadtest/TunnelUpstream.java <"$WORK/end" >"$WORK/tunnels" &
taskset -c 1 "$JAVA" loadtest/Upstream.java <"$WORK/end" >"$WORK/http" &
exec 3>"$WORK/end"
taskset -c 1 "$JAVA" loadtest/TunnelLoad.java <"$WORK/orders" >"$WORK/outcomes" &
exec 4>"$WORK/orders" 5<"$WORK/outcomes"
set -- $("$JAVA" loadtest/FreePorts.java 3)
SALLYPORT_PORT=$1 SQUID_PORT=$2 HEALTH=$3
while [ ! -s "$WORK/tunnels" ] || [ ! -s "$WORK/http" ]; do sleep 0.2; done
read -r TUNNEL_PORT BYTES_PORT <"$WORK/tunnels"
HTTP_PORT=$(cat "$WORK/http")

mkdir "$WORK/config" "$WORK/secrets"
mkdir -m 777 "$WORK/squid" # run as root, squid becomes another user
sed "s/TUNNEL_PORT/$TUNNEL_PORT/; s/BYTES_PORT/$BYTES_PORT/; s/HTTP_PORT/$HTTP_PORT/" loadtest/egress/load.yaml \
    >"$WORK/config/load.yaml"
export SALLYPORT_CONFIG_DIR="$WORK/config" SALLYPORT_SECRETS_DIR="$WORK/secrets" SALLYPORT_ADMIN_PORT=0
export SALLYPORT_HEALTH_PORT=$HEALTH SALLYPORT_MESH_ENABLED=true SALLYPORT_MESH_PORT=$SALLYPORT_PORT
# GATEWAY_COMMAND is for another build of the gateway, such as the native one.
taskset -c 0 ${GATEWAY_COMMAND:-"$JAVA" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    ${JAVA_FLAGS:-} -jar "$JAR"} serve >"$WORK/access.log" 2>"$WORK/gateway.log" &
GATEWAY=$!

echo "127.0.0.1 tunnels.example plain.example" >"$WORK/hosts"
sed "s/PROXY_PORT/$SQUID_PORT/; s|WORK|$WORK|" loadtest/egress/squid.conf >"$WORK/squid.conf"
taskset -c 0 squid -N -n "egress$$" -f "$WORK/squid.conf" 2>"$WORK/squid.log" &
SQUID=$!

waited=0
until curl -sf --noproxy '*' -o "$WORK/ready" "http://127.0.0.1:$HEALTH/healthz/ready" &&
    curl -sf --noproxy '' -x "http://127.0.0.1:$SQUID_PORT" -o "$WORK/ready" "http://plain.example:$HTTP_PORT/"; do
    waited=$((waited + 1))
    kill -0 $GATEWAY 2>/dev/null || fail "the gateway does not start:" "$WORK/gateway.log"
    kill -0 $SQUID 2>/dev/null || fail "squid does not start:" "$WORK/squid/cache.log"
    [ $waited -le $START_SECONDS ] || fail "one of the proxies does not answer:" "$WORK/squid.log"
    sleep 1
done

# ticks PID: of CPU time, of the process and its children.
ticks() {
    for process in "$1" $(pgrep -P "$1"); do
        sed 's/.*) //' "/proc/$process/stat"
    done | awk '{ sum += $12 + $13 } END { print sum }'
}

# load TEST PORT SECONDS: prints COUNT SECONDS.
load() {
    case $1 in
        tunnels) echo "tunnels $2 tunnels.example:$TUNNEL_PORT 16 $3" >&4 ;;
        bytes-*) echo "bytes $2 tunnels.example:$BYTES_PORT ${1#bytes-} $3" >&4 ;;
        requests)
            taskset -c 1 wrk -t 1 -c 32 -d "$3s" -s loadtest/egress/absolute.lua "http://127.0.0.1:$2" \
                "plain.example:$HTTP_PORT" | sed -n 's/^DONE //p'
            return
            ;;
    esac
    read -r outcome <&5 || fail "the load ended" "$WORK/gateway.log"
    echo "$outcome"
}

# measure PROXY PID PORT TEST: a line with rate and CPU seconds for each.
measure() {
    before=$(ticks "$2")
    outcome=$(load "$4" "$3" "$SECONDS_EACH")
    after=$(ticks "$2")
    echo "$outcome" | awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" \
        '{ printf "%.6g %.6g\n", $1 / $2, ticks / hz / $1 }' | tee -a "$WORK/$1-$4" | sed "s/^/$1 $4: /"
}

# warm_up TEST: the gateway until it has seen enough, squid for a moment.
warm_up() {
    echo "warming up: $1"
    seen=0
    turns=0
    while [ $seen -lt $WARM_COUNT ] && [ $turns -lt $WARM_TURNS ]; do
        outcome=$(load "$1" "$SALLYPORT_PORT" "$WARM_SECONDS")
        seen=$((seen + ${outcome% *}))
        turns=$((turns + 1))
    done
    load "$1" "$SQUID_PORT" 1 >"$WORK/warm"
}

TESTS="tunnels bytes-1 bytes-16 requests"
# Twice: what the JIT compiler made of one test does not last when the next is the first of its kind.
for test in $TESTS $TESTS; do
    warm_up "$test"
done
load_before=$(cut -d ' ' -f 1 /proc/loadavg)
round=0
while [ $round -lt "$ROUNDS" ]; do
    round=$((round + 1))
    for test in $TESTS; do
        if [ $((round % 2)) -eq 1 ]; then
            measure squid $SQUID "$SQUID_PORT" "$test"
            measure sallyport $GATEWAY "$SALLYPORT_PORT" "$test"
        else
            measure sallyport $GATEWAY "$SALLYPORT_PORT" "$test"
            measure squid $SQUID "$SQUID_PORT" "$test"
        fi
    done
done

# median PROXY TEST COLUMN
median() {
    cut -d ' ' -f "$3" "$WORK/$1-$2" | sort -g |
        awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# row WHAT TEST COLUMN FACTOR
row() {
    printf '%s %s %s\n' "$(median squid "$2" "$3")" "$(median sallyport "$2" "$3")" "$4" |
        awk -v what="$1" '{ printf "| %s | %.4g | %.4g | %.2f |\n", what, $1 * $3, $2 * $3, $2 / $1 }'
}

memory() {
    awk '/VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status"
}

mkdir -p loadtest/results
{
    echo "# Squid and Sallyport as egress proxies"
    echo
    echo "By \`loadtest/egress.sh\` on $(date -u +%F): $(squid -v | head -n 1), Sallyport on JDK" \
        "$("$JAVA" -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p'); medians of $ROUNDS rounds of $SECONDS_EACH s, the" \
        "proxy on one core of $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), load and endpoints on" \
        "another; load average $load_before before. Where other work shares the cores, the rates are worth little and the" \
        "CPU figures still compare."
    echo
    echo "| | squid | Sallyport | Sallyport ÷ squid |"
    echo "|---|--:|--:|--:|"
    row "CONNECT tunnels per second, 16 at a time" tunnels 1 1
    row "CPU per tunnel, µs" tunnels 2 1000000
    row "one tunnel, MB/s" bytes-1 1 0.000001
    row "CPU per GB, s" bytes-1 2 1000000000
    row "16 tunnels, MB/s" bytes-16 1 0.000001
    row "CPU per GB, s" bytes-16 2 1000000000
    row "forwarded requests per second, 32 connections" requests 1 1
    row "CPU per request, µs" requests 2 1000000
    echo "| most memory, MB | $(memory $SQUID) | $(memory $GATEWAY) | |"
} >"$RESULTS"
cat "$RESULTS"
