#!/bin/sh
# A real Prometheus scrapes the gateway each second, with the alerts of k8s/components/prometheus-rules, and is asked for
# what it has. Its tool reads the text format, too. Prints a line for each check; exits 1 where one failed.
#
#   loadtest/prometheus.sh
#
# Needs a JDK 25, curl, jq, PyYAML and Prometheus (Debian packages curl, jq, python3-yaml, prometheus).
# GATEWAY_COMMAND is for another build of the gateway, such as the native one.
set -u
cd "$(dirname "$0")/.."
JAVA_HOME=${JAVA_HOME:-$(.mvn/find-jdk.sh)}
JAR=target/quarkus-app/quarkus-run.jar

. loadtest/common/needs.sh
need "the packages curl, jq, python3-yaml and prometheus" curl jq python3 prometheus promtool
need_gateway

WORK=$(mktemp -d)
GATEWAY=
PROMETHEUS=

finish() {
    [ -z "$PROMETHEUS" ] || kill "$PROMETHEUS" 2>/dev/null
    [ -z "$GATEWAY" ] || kill -KILL "$GATEWAY" 2>/dev/null
    wait
    rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 1' INT TERM

. loadtest/common/checks.sh

set -- $("$JAVA_HOME/bin/java" loadtest/FreePorts.java 3)
EDGE=$1 HEALTH=$2 PORT=$3

mkdir -p "$WORK/config" "$WORK/secrets"
cat > "$WORK/config/all.yaml" <<'END'
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["*"]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop}
spec:
  hosts: [shop.example]
  gateways: [edge]
  http:
  - match: [{uri: {prefix: /direct}}]
    directResponse: {status: 200, body: {string: "ok"}}
  - route: [{destination: {host: nobody.shops.svc.cluster.local, port: {number: 80}}}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: nobody, namespace: shops}
spec:
  hosts: [nobody.shops.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {http: 1}, labels: {app: nobody, version: v1}}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody-there}
spec:
  action: DENY
  rules: [{to: [{operation: {paths: [/denied]}}]}]
END

# Unquoted: several words.
SALLYPORT_CONFIG_DIR="$WORK/config" SALLYPORT_SECRETS_DIR="$WORK/secrets" SALLYPORT_IDENTITY_DIR="$WORK/none" \
    SALLYPORT_PORT_MAP_80=$EDGE SALLYPORT_ADMIN_PORT=0 SALLYPORT_HEALTH_PORT=$HEALTH SALLYPORT_CLUSTER_ID=north \
    ${GATEWAY_COMMAND:-"$JAVA_HOME/bin/java" -jar "$JAR"} serve > /dev/null 2> "$WORK/gateway.log" &
GATEWAY=$!
await 60 "the gateway" "http://127.0.0.1:$HEALTH/healthz/ready"

# The alerts, as a file of Prometheus itself.
python3 - "$WORK/rules.yaml" <<'END'
import sys, yaml
with open("k8s/components/prometheus-rules/prometheus-rule.yaml") as rules, open(sys.argv[1], "w") as out:
    yaml.safe_dump(yaml.safe_load(rules)["spec"], out)
END

# The number that an expression has now; `none` where it has none.
ask() {
    curl -s --data-urlencode "query=$1" "http://127.0.0.1:$PORT/api/v1/query" | jq -r '.data.result[0].value[1] // "none"'
}

# An expression that is to be 1 within half a minute.
wanted() {
    waited=0
    until [ "$(ask "$2")" = 1 ] || [ $waited -gt 30 ]; do
        waited=$((waited + 1))
        sleep 1
    done
    check "$1" 1 "$(ask "$2")"
}

# As Prometheus asks, and as whoever knows the text format alone.
for accept in "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1" "text/plain;version=0.0.4"; do
    curl -s --compressed -H "Accept: $accept" "http://127.0.0.1:$HEALTH/metrics" > "$WORK/page"
    case $accept in
    text*)
        check "text: promtool complains of nothing but the unit in the name that Istio chose" "" "$(grep -v istio_request_duration_milliseconds "$WORK/page" | promtool check metrics 2>&1)"
        check "text: no end mark" 0 "$(grep -c '^# EOF$' "$WORK/page")"
        ;;
    *) check "OpenMetrics: its end mark" "# EOF" "$(tail -n 1 "$WORK/page")" ;;
    esac
done

cat > "$WORK/prometheus.yaml" <<END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [$WORK/rules.yaml]
scrape_configs:
- job_name: metrics
  static_configs: [{targets: ["127.0.0.1:$HEALTH"], labels: {namespace: edge, pod: a}}]
END
prometheus --config.file="$WORK/prometheus.yaml" --storage.tsdb.path="$WORK/data" --web.listen-address="127.0.0.1:$PORT" \
    2> "$WORK/prometheus.log" &
PROMETHEUS=$!
await 60 Prometheus "http://127.0.0.1:$PORT/-/ready"

ask_gateway() {
    curl -s -o "$WORK/answer" -H "Host: shop.example" "http://127.0.0.1:$EDGE$1"
}
for i in 1 2 3 4 5 6 7 8 9 10; do
    ask_gateway /direct
    ask_gateway /denied
    ask_gateway /
    sleep 1
done

wanted "the gateway is up" 'up{job="metrics"}'
wanted "it says its version as Istio does" 'istio_build{component="proxy"}'
wanted "ten requests were denied by the policy" 'sum(sallyport_policy_decisions_total{policy="default/nobody-there",decision="denied"}) == bool 10'
wanted "a rate of answers" 'sum(rate(istio_requests_total{response_code="200"}[30s])) > bool 0'
wanted "the 99th percentile of durations" 'histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket[30s]))) > bool 0'
wanted "services by Istio's labels" 'sum(istio_requests_total{reporter="source",destination_service="nobody.shops.svc.cluster.local",destination_service_name="nobody",destination_service_namespace="shops",response_flags=~"UF.*",source_workload="sallyport",source_cluster="north"}) == bool 10'
wanted "an alert is pending on errors" 'count(ALERTS{alertname="SallyportErrors",destination_service="nobody.shops.svc.cluster.local"}) == bool 1'
wanted "an alert is pending on the policy" 'count(ALERTS{alertname="SallyportDeniedByPolicy",policy="default/nobody-there"}) == bool 1'
check "no scrape failed" 1 "$(ask 'min_over_time(up{job="metrics"}[1m])')"
check "rules have no errors" 0 "$(curl -s "http://127.0.0.1:$PORT/api/v1/rules" | jq '[.data.groups[].rules[] | select(.health != "ok")] | length')"

[ $failures -eq 0 ]
