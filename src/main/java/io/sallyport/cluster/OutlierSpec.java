package io.sallyport.cluster;

import java.time.Duration;
import java.util.Set;

/// When an endpoint is ejected (`OutlierDetection`): for a while, no request is sent to it.
///
/// @param serverErrors consecutive errors, by default statuses from 500 and failures; 0 for off
/// @param gatewayErrors consecutive 502, 503, 504 and failures; 0 for off
/// @param splitLocalOrigin failures (no connection, reset, time-out) count for `localFailures` only, and statuses for
///     the other two
/// @param localFailures consecutive failures; 0 for off; only where they are split
/// @param interval between the sweeps that bring endpoints back
/// @param baseEjectionTime times the number of ejections in a row
/// @param maxEjectionPercent of the endpoints that may be ejected at once. It holds for the first, too: 10 % of nine
///     endpoints is none (Envoy since 1.28, whose `always_eject_one_host` is off by default and not Istio's to set)
/// @param minHealthPercent with fewer healthy endpoints of a priority than this, and where the others do not make up
///     for it, requests go to all of them; 0 for never
/// @param errorStatuses that are errors; empty for 500 and above
public record OutlierSpec(
        int serverErrors,
        int gatewayErrors,
        boolean splitLocalOrigin,
        int localFailures,
        Duration interval,
        Duration baseEjectionTime,
        int maxEjectionPercent,
        int minHealthPercent,
        Set<Integer> errorStatuses) {
    /// Istio's, where `outlierDetection` is there and says nothing.
    public static final OutlierSpec DEFAULT =
            new OutlierSpec(5, 0, false, 5, Duration.ofSeconds(10), Duration.ofSeconds(30), 10, 0, Set.of());

    public OutlierSpec {
        errorStatuses = Set.copyOf(errorStatuses);
    }

    boolean isError(int status) {
        return errorStatuses.isEmpty() ? status >= 500 && status < 600 : errorStatuses.contains(status);
    }
}
