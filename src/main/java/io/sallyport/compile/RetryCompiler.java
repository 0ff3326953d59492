package io.sallyport.compile;

import io.sallyport.config.model.HttpRetry;
import io.sallyport.route.RetryCondition;
import io.sallyport.route.RetryConditions;
import io.sallyport.route.RetryPolicy;
import io.sallyport.route.SourceLine;
import io.sallyport.route.TriedHosts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Translates `HTTPRetry`, as Istio's pilot does (`retry.go`, `ConvertPolicy`).
final class RetryCompiler {
    private static final Pattern STATUS = Pattern.compile("[1-5][0-9]{2}");

    private RetryCompiler() {}

    static RetryPolicy compile(@Nullable HttpRetry retries) {
        if (retries == null) {
            return RetryPolicy.DEFAULT;
        }
        SourceLine source = HttpRouteCompiler.source(retries.at());
        if (retries.attempts() <= 0) {
            return RetryPolicy.off(source);
        }
        Duration perTry = retries.perTryTimeout() == null ? Duration.ZERO : retries.perTryTimeout();
        return new RetryPolicy(
                retries.attempts(),
                retries.retryOn().isEmpty() ? RetryConditions.DEFAULT : conditions(retries.retryOn()),
                perTry,
                !perTry.isZero() && retries.retryOn().isEmpty(),
                retries.backoff() == null ? RetryPolicy.DEFAULT_BACKOFF : retries.backoff(),
                triedHosts(retries.retryIgnorePreviousHosts()),
                Boolean.TRUE.equals(retries.retryRemoteLocalities()),
                source);
    }

    private static TriedHosts triedHosts(@Nullable Boolean ignored) {
        return ignored == null ? TriedHosts.AVOIDED_UNLESS_HASHED : ignored ? TriedHosts.AVOIDED : TriedHosts.ALLOWED;
    }

    private static RetryConditions conditions(String retryOn) {
        EnumSet<RetryCondition> conditions = EnumSet.noneOf(RetryCondition.class);
        List<Integer> statuses = new ArrayList<>();
        for (String part : retryOn.split(",", -1)) {
            RetryCondition condition = RetryCondition.of(part);
            if (condition != null) {
                conditions.add(condition);
            } else if (STATUS.matcher(part).matches()) {
                statuses.add(Integer.parseInt(part));
            }
        }
        return new RetryConditions(conditions, statuses);
    }
}
