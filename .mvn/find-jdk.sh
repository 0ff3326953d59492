#!/bin/sh
# Prints the home of a JDK 25 or newer, or says what to do where there is none. A machine's default java is often
# older, and Maven would then fail late with a message about an invalid target release.
#
#   find-jdk.sh [java]     with "java", a JRE will do: it has no javac, which Maven needs
#
# The Makefile, the scripts in loadtest/ and the launcher, target/sallyport, use it.
wanted=25
tool=${1:-javac}

serves() {
    [ -x "$1/bin/$tool" ] || return 1
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
    [ -n "$version" ] ||
        version=$("$1/bin/$tool" -version 2>&1 |
            sed -n -e 's/^javac \([0-9]*\).*/\1/p' -e 's/^[a-z]* version "\([0-9]*\).*/\1/p')
    [ -n "$version" ] && [ "$version" -ge "$wanted" ]
}

on_path() {
    found=$(command -v "$tool") && found=$(readlink -f "$found") && dirname "$(dirname "$found")"
}

for home in "$JAVA_HOME" "$(on_path)" /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if [ -n "$home" ] && serves "$home"; then
        echo "$home"
        exit 0
    fi
done

cat >&2 <<'HELP'
Sallyport needs a JDK 25 or newer, and none was found in JAVA_HOME, on PATH or in /usr/lib/jvm. Install one:
  Debian, Ubuntu   apt-get install openjdk-25-jdk-headless    (or temurin-25-jdk, see https://adoptium.net/installation)
  SDKMAN           sdk install java 25-tem
  macOS            brew install --cask temurin@25
or set JAVA_HOME to one that you have.
HELP
exit 1
