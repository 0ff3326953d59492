package io.sallyport.operators;

import io.sallyport.outcome.RequestFacts;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// `grpc-status` in Envoy's spellings.
final class GrpcStatusText {
    private static final String[] NAMES = {
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED"
    };

    private GrpcStatusText() {}

    /// -1 where there is none.
    static long number(RequestFacts facts) {
        CharSequence status = facts.grpcStatus;
        if (status == null || status.isEmpty() || status.length() > 2) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < status.length(); i++) {
            char c = status.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + c - '0';
        }
        return number;
    }

    /// @param form `CAMEL_STRING`, `SNAKE_STRING` or `NUMBER`; numbers without a name are numbers
    static @Nullable String of(RequestFacts facts, String form) {
        int number = (int) number(facts);
        if (number < 0) {
            return null;
        }
        if (number >= NAMES.length || form.equals("NUMBER")) {
            return Integer.toString(number);
        }
        String name = NAMES[number];
        return form.equals("SNAKE_STRING") || number == 0 ? name : camel(name);
    }

    private static String camel(String name) {
        StringBuilder camel = new StringBuilder();
        for (String word : name.split("_")) {
            camel.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return camel.toString().equals("Cancelled") ? "Canceled" : camel.toString();
    }
}
