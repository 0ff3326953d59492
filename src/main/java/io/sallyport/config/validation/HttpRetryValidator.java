package io.sallyport.config.validation;

import io.sallyport.config.model.HttpRetry;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.Suggestion;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `HTTPRetry`, and how it goes together with the route's timeout.
final class HttpRetryValidator {
    private static final Set<String> CONDITIONS = Set.of(
            "5xx",
            "gateway-error",
            "reset",
            "reset-before-request",
            "connect-failure",
            "retriable-4xx",
            "refused-stream",
            "retriable-status-codes",
            "retriable-headers",
            "envoy-ratelimited",
            "http3-post-connect-failure",
            "cancelled",
            "deadline-exceeded",
            "internal",
            "resource-exhausted",
            "unavailable");
    /// Istio takes them, and they change nothing: it has no field for such headers, and HTTP/3 is not spoken upstream.
    private static final Set<String> NEVER_MET = Set.of("retriable-headers", "http3-post-connect-failure");
    private static final Pattern STATUS = Pattern.compile("[1-5][0-9]{2}");

    private HttpRetryValidator() {}

    /// @param place of the retries
    static void validate(HttpRoute route, Place place) {
        HttpRetry retries = route.retries();
        if (retries == null) {
            return;
        }
        Checks.notNegative(retries.attempts(), place.field("attempts"));
        boolean detailed = retries.perTryTimeout() != null
                || !retries.retryOn().isEmpty()
                || retries.retryRemoteLocalities() != null;
        if (retries.attempts() == 0 && detailed) {
            String message = "attempts is 0, which turns retries off, so the rest has no meaning";
            place.report(ProblemCode.BAD_RETRY, message, "give attempts");
        }
        Checks.time(retries.perTryTimeout(), place.field("perTryTimeout"));
        Checks.time(retries.backoff(), place.field("backoff"));
        times(retries, route.timeout(), place);
        if (!retries.retryOn().isEmpty()) {
            for (String condition : retries.retryOn().split(",", -1)) {
                condition(condition, place.field("retryOn"));
            }
        }
    }

    private static void times(HttpRetry retries, @Nullable Duration timeout, Place place) {
        if (timeout == null || timeout.isZero()) {
            return;
        }
        Duration perTry = retries.perTryTimeout();
        if (perTry != null && perTry.compareTo(timeout) >= 0) {
            String message = "a try may take " + text(perTry) + ", the whole request " + text(timeout)
                    + ": a try that takes too long is never followed by another";
            place.field("perTryTimeout")
                    .report(ProblemCode.USELESS_RETRY, message, "give less than the route's timeout");
        }
        Duration backoff = retries.backoff();
        if (backoff != null && backoff.compareTo(timeout) >= 0) {
            String message = "the first pause may take " + text(backoff) + ", the whole request " + text(timeout);
            place.field("backoff").report(ProblemCode.USELESS_RETRY, message, "give less than the route's timeout");
        }
    }

    private static void condition(String condition, Place place) {
        if (!CONDITIONS.contains(condition) && !STATUS.matcher(condition).matches()) {
            String message = Quote.of(condition) + " is not a condition to retry on";
            String hint = Suggestion.didYouMean(condition, CONDITIONS);
            place.report(ProblemCode.BAD_RETRY, message, hint);
        } else if (NEVER_MET.contains(condition)) {
            place.report(ProblemCode.USELESS_RETRY, Quote.of(condition) + " is a condition that is never met");
        }
    }

    private static String text(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
