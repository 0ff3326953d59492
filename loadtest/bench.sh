#!/bin/sh
# The packaged gateway (JVM and, where it was built, native) beside nginx, HAProxy, Caddy and Spring Cloud Gateway: the same
# loads in one run, each proxy on core 0, load and origin on core 1.
#
#   loadtest/bench.sh [rounds=3] [seconds=3] [loads=small,…] [peers=nginx,…] [crowd=false] [results=DIRECTORY]
#                     [nginx=PATH] [haproxy=PATH] [caddy=PATH]
#
# Writes loadtest/results/bench.md and bench-cpu.svg. Needs Linux, two processors, a JDK 25, nginx (Debian package
# nginx-light), haproxy, wrk, h2load (package nghttp2-client), openssl and taskset (package util-linux); Caddy (package
# caddy) takes part where it is there. Installs nothing but what Maven fetches for Spring Cloud Gateway; NO_SPRING=1 leaves that out.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin
JAVA_HOME=${JAVA_HOME:-$(.mvn/find-jdk.sh)}
export PATH JAVA_HOME

missing=
tools="wrk:wrk"
case " $* " in *" nginx="*) ;; *) tools="$tools nginx:nginx-light" ;; esac
case " $* " in *" haproxy="*) ;; *) tools="$tools haproxy:haproxy" ;; esac
for tool in $tools h2load:nghttp2-client openssl:openssl taskset:util-linux; do
    command -v "${tool%:*}" >/dev/null || missing="$missing ${tool#*:}"
done
if [ -n "$missing" ]; then
    echo "these packages are needed: apt-get install$missing" >&2
    exit 2
fi
if [ "$(nproc)" -lt 2 ]; then
    echo "two processors are needed: one for the proxy, one for the load" >&2
    exit 2
fi
if [ ! -f target/quarkus-app/quarkus-run.jar ]; then
    echo "there is no target/quarkus-app/quarkus-run.jar: run 'make build' first" >&2
    exit 2
fi
case " $* " in *" caddy="*) true ;; *) command -v caddy >/dev/null ;; esac || echo "no caddy (Debian package caddy): it is left out" >&2
command -v strace >/dev/null || echo "no strace: system calls are not counted" >&2
ls target/*-runner >/dev/null 2>&1 || echo "no native executable ('make native'): it is left out" >&2
if [ -z "${NO_SPRING:-}" ]; then
    ./mvnw -q -B -f loadtest/bench/spring/pom.xml process-classes
else
    rm -rf loadtest/bench/spring/target
fi

# Ten thousand idle connections, for which the gateway takes half of its descriptors at most.
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"
descriptors=$(ulimit -n)
if [ "$descriptors" != unlimited ] && [ "$descriptors" -lt 24000 ]; then
    echo "no more than $descriptors file descriptors: idle connections are left out" >&2
    set -- "$@" crowd=false
fi
exec taskset -c 1 "$JAVA_HOME/bin/java" -Xmx2g loadtest/bench/Bench.java "$@"
