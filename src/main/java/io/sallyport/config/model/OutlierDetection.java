package io.sallyport.config.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `OutlierDetection`: when an endpoint is ejected.
///
/// @param consecutiveErrors deprecated; 0 is absent
/// @param consecutiveLocalOriginFailures null and 0 are 5
/// @param consecutiveGatewayErrors null or 0 is off
/// @param consecutive5xxErrors null is 5; 0 is off
/// @param interval of the sweep; null is 10 s
/// @param baseEjectionTime times the number of ejections so far; null is 30 s
/// @param maxEjectionPercent 0 is absent and means 10
/// @param minHealthPercent below it detection is off; 0 is never
/// @param outlierDetectionHttpErrorCodes statuses that count as errors; empty is 5xx
public record OutlierDetection(
        int consecutiveErrors,
        boolean splitExternalLocalOriginErrors,
        @Nullable Integer consecutiveLocalOriginFailures,
        @Nullable Integer consecutiveGatewayErrors,
        @Nullable Integer consecutive5xxErrors,
        @Nullable Duration interval,
        @Nullable Duration baseEjectionTime,
        int maxEjectionPercent,
        int minHealthPercent,
        List<Integer> outlierDetectionHttpErrorCodes,
        Position at) {}
