#!/bin/sh
# Ends well where a native-image is that Quarkus will find, in GRAALVM_HOME, JAVA_HOME or on PATH; else says what to do.
for home in "$GRAALVM_HOME" "$JAVA_HOME"; do
    [ -n "$home" ] && [ -x "$home/bin/native-image" ] && exit 0
done
command -v native-image >/dev/null && exit 0

cat >&2 <<'HELP'
A native build needs native-image for Java 25, and none was found in GRAALVM_HOME, JAVA_HOME or on PATH. Either
  install Mandrel 25    sdk install java 25-mandrel, or https://github.com/graalvm/mandrel/releases
                        (GraalVM 25 works as well), and point GRAALVM_HOME at it;
                        Debian, Ubuntu: apt-get install gcc zlib1g-dev
  or use a container    make native CONTAINER=1, where docker or podman runs
  or build the image    docker build -f Dockerfile.native -t sallyport .
HELP
exit 1
