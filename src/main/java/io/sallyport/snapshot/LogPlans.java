package io.sallyport.snapshot;

import io.sallyport.format.LogPlan;
import io.sallyport.trace.Collector;
import java.util.Map;

/// How requests are logged in one generation, and which collectors get records of them.
///
/// @param collectors by their providers' names
public record LogPlans(ByGateway<LogPlan> requests, Map<String, Collector> collectors) {
    public static final LogPlans USUAL = new LogPlans(ByGateway.usual(), Map.of());

    public LogPlans {
        collectors = Map.copyOf(collectors);
    }
}
