package io.sallyport.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;

/// Timers and distributions of libraries have a count, a sum and a maximum, whatever else they want.
final class PlainSummaries implements MeterFilter {
    private static final DistributionStatisticConfig PLAIN = DistributionStatisticConfig.builder()
            .percentiles()
            .percentilesHistogram(false)
            .serviceLevelObjectives()
            .build();

    @Override
    public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
        return PLAIN.merge(config);
    }
}
