package io.sallyport.trace;

import java.util.List;

/// How requests are traced where no resource says otherwise.
///
/// @param enabled nothing is traced where this is false, whatever resources say
/// @param hasCollector the settings name one; without it requests are traced where resources name one
public record TraceDefaults(boolean enabled, boolean hasCollector, Propagation propagation, Sampler sampler) {
    /// Of a gateway that has no such settings.
    public static final TraceDefaults NONE =
            new TraceDefaults(true, false, new Propagation(List.of(Propagation.Format.TRACECONTEXT)), Sampler.DEFAULT);
}
