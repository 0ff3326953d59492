# What scripts need before they begin. To be sourced in the repository's top directory, with JAR set.

# need PACKAGES TOOL...: ends the script where a tool is missing; PACKAGES are Debian's that have them.
need() {
    packages=$1
    shift
    for tool; do
        if ! command -v "$tool" >/dev/null; then
            echo "$tool is not there: install $packages" >&2
            exit 2
        fi
    done
}

# GATEWAY_COMMAND is for another build of the gateway, such as the native one.
need_gateway() {
    if [ -z "${GATEWAY_COMMAND:-}" ] && [ ! -f "$JAR" ]; then
        echo "$JAR is not there: run 'make build' first" >&2
        exit 2
    fi
}
