package io.sallyport.runtime.settings;

import io.sallyport.otlp.CollectorEndpoint;
import io.sallyport.otlp.Instance;
import io.sallyport.outcome.WorkloadNames;
import io.sallyport.trace.Propagation;
import io.sallyport.trace.Propagation.Format;
import io.sallyport.trace.Sampler;
import io.sallyport.trace.TraceDefaults;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The settings of tracing in the types of the parts that use them. What cannot be read is an
/// IllegalArgumentException, which [SettingsCheck] reports before anybody else asks.
public final class TracingView {
    private static final String SERVICE_NAME = "service.name";
    private static final String SERVICE = "sallyport";
    private static final String PARENT_BASED = "parentbased_";
    private static final double PERCENT = 100;

    private TracingView() {}

    public static TraceDefaults defaults(Settings settings) {
        TracingSettings tracing = settings.tracing();
        Sampler named = tracing.sampler().map(TracingView::sampler).orElse(Sampler.DEFAULT);
        // The samplers of a ratio are those that take neither all nor none by their names.
        boolean byRatio = tracing.sampler().map(name -> name.contains("ratio")).orElse(true);
        Sampler sampler = byRatio
                ? tracing.samplerArg()
                        .map(ratio -> named.withPercent(ratio(ratio) * PERCENT))
                        .orElse(named)
                : named;
        return new TraceDefaults(
                !tracing.disabled(), hasEndpoint(tracing), propagation(tracing.propagators()), sampler);
    }

    private static boolean hasEndpoint(TracingSettings tracing) {
        return !tracing.exporter().equals("none") && CollectorView.of(tracing).isThere();
    }

    /// The collector that gets spans; null where none is named.
    public static @Nullable CollectorEndpoint collector(Settings settings) {
        TracingSettings tracing = settings.tracing();
        if (tracing.disabled() || !hasEndpoint(tracing)) {
            return null;
        }
        return CollectorView.of(tracing).endpoint();
    }

    /// Who reports.
    public static Instance instance(Settings settings) {
        TracingSettings tracing = settings.tracing();
        Map<String, String> attributes = new LinkedHashMap<>();
        CollectorView.pairs(tracing.resourceAttributes().orElseGet(List::of))
                .forEach(pair -> attributes.put(pair.getKey(), pair.getValue()));
        String named = attributes.remove(SERVICE_NAME);
        WorkloadNames names = WorkloadNames.of(SettingsView.labels(settings), settings.namespace(), null, SERVICE);
        return new Instance(
                tracing.serviceName().orElse(named == null ? SERVICE : named),
                attributes,
                settings.namespace(),
                names == null ? SERVICE : names.canonicalService(),
                names == null ? WorkloadNames.UNKNOWN : names.canonicalRevision(),
                tracing.meshId(),
                settings.clusterId());
    }

    static Propagation propagation(List<String> names) {
        List<Format> formats = new ArrayList<>();
        for (String name : names) {
            switch (name.strip().toLowerCase(Locale.ROOT)) {
                case "tracecontext" -> formats.add(Format.TRACECONTEXT);
                case "b3" -> formats.add(Format.B3);
                case "b3multi" -> formats.add(Format.B3MULTI);
                case "baggage", "none" -> {}
                default ->
                    throw new IllegalArgumentException("\"" + name.strip()
                            + "\" is not supported: write tracecontext, b3, b3multi, baggage or none");
            }
        }
        return new Propagation(formats.stream().distinct().toList());
    }

    /// Without its argument: of a ratio it takes all.
    static Sampler sampler(String name) {
        String kind = name.strip().toLowerCase(Locale.ROOT);
        boolean asksCaller = kind.startsWith(PARENT_BASED);
        double percent =
                switch (asksCaller ? kind.substring(PARENT_BASED.length()) : kind) {
                    case "always_on", "traceidratio" -> PERCENT;
                    case "always_off" -> 0;
                    default ->
                        throw new IllegalArgumentException(
                                "must be always_on, always_off or traceidratio, or one of these behind parentbased_");
                };
        return new Sampler(percent, asksCaller);
    }

    static double ratio(String text) {
        try {
            double ratio = Double.parseDouble(text.strip());
            if (ratio >= 0 && ratio <= 1) {
                return ratio;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException("must be a number from 0 to 1");
    }
}
