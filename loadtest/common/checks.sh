# Checks that print a line each. To be sourced with WORK, a directory; failures counts those that failed.
failures=0

# check NAME EXPECTED ACTUAL
check() {
    if [ "$2" = "$3" ]; then
        echo "PASS $1"
    else
        echo "FAIL $1: expected $2, got: $3"
        failures=$((failures + 1))
    fi
}

# await SECONDS WHAT URL: the answer is in $WORK/answer. Where none comes, the logs in $WORK are shown.
await() {
    waited=0
    until curl -sf -o "$WORK/answer" "$3"; do
        waited=$((waited + 1))
        if [ $waited -gt "$1" ]; then
            echo "$2 does not start:" >&2
            cat "$WORK"/*.log >&2
            exit 1
        fi
        sleep 1
    done
}
