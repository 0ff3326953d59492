package io.sallyport.trace;

import io.sallyport.outcome.SpanOptions;
import java.util.List;
import java.util.Map;

/// How requests are traced where no resource says otherwise.
///
/// @param enabled nothing is traced where this is false, whatever resources say
/// @param hasCollector the settings name one; without it requests are traced where resources name one
public record TraceDefaults(boolean enabled, boolean hasCollector, Propagation propagation, Sampler sampler) {
    /// Of a gateway that has no such settings.
    public static final TraceDefaults NONE =
            new TraceDefaults(true, false, new Propagation(List.of(Propagation.Format.TRACECONTEXT)), Sampler.DEFAULT);

    private static final SpanOptions REPORT = new SpanOptions("", true, SpanOptions.LONGEST_PATH);

    /// What comes of them alone.
    public Traces traces() {
        return enabled && hasCollector
                ? new Traces(new Tracing(propagation, sampler, true, List.of(), REPORT), Map.of(), Map.of())
                : Traces.NONE;
    }
}
