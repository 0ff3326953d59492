package io.sallyport.compile;

import io.netty.util.AsciiString;
import io.sallyport.config.index.TelemetryIndex;
import io.sallyport.config.model.ExtensionProvider.OpenTelemetry;
import io.sallyport.config.model.Telemetry;
import io.sallyport.config.model.Telemetry.Mode;
import io.sallyport.format.FormatException;
import io.sallyport.format.FormatParser;
import io.sallyport.format.ParsedFormat;
import io.sallyport.format.SpanTags;
import io.sallyport.net.AsciiCase;
import io.sallyport.trace.Collector;
import io.sallyport.trace.CustomTag;
import io.sallyport.trace.TraceDefaults;
import io.sallyport.trace.Traces;
import io.sallyport.trace.Tracing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Compiles Telemetries: how this instance and its Gateways are traced, and the collectors that get their spans. What
/// one of them leaves unsaid is as a wider one has it, and then as the settings have it.
final class TraceCompiler {
    /// `HttpService.timeout` where it is not given.
    private static final Duration HTTP_TIMEOUT = Duration.ofSeconds(3);

    private final Compilation compilation;
    private final TraceDefaults defaults;
    private final TelemetryIndex telemetries;
    private final Map<String, Collector> collectors = new HashMap<>();

    TraceCompiler(Compilation compilation) {
        this.compilation = compilation;
        defaults = compilation.options().traces();
        telemetries = compilation.index().telemetries();
    }

    Traces compile() {
        if (!defaults.enabled()) {
            return Traces.NONE;
        }
        List<Telemetry> widest = telemetries.ofInstance();
        Map<String, Tracing> gateways = new HashMap<>();
        telemetries.ofGateways().forEach((gateway, telemetry) -> {
            List<Telemetry> all = new ArrayList<>(widest);
            all.add(telemetry);
            gateways.put(gateway, compile(all));
        });
        Tracing instance = compile(widest);
        if (instance == Tracing.OFF && gateways.values().stream().allMatch(each -> each == Tracing.OFF)) {
            return Traces.NONE;
        }
        return new Traces(instance == Tracing.OFF ? null : instance, gateways, collectors);
    }

    private Tracing compile(List<Telemetry> telemetries) {
        Draft draft = new Draft();
        for (Telemetry telemetry : telemetries) {
            telemetry.tracing().stream()
                    .filter(tracing -> tracing.mode() != Mode.SERVER)
                    .forEach(draft::add);
        }
        return draft.tracing();
    }

    /// What several resources say, one after the other.
    private final class Draft {
        private @Nullable String provider = telemetries.defaultProvider();
        private @Nullable Double percentage;
        private boolean reports = true;
        private boolean propagates = true;
        private boolean istioTags = true;
        private Map<String, Telemetry.CustomTag> tags = Map.of();

        void add(Telemetry.Tracing tracing) {
            provider = tracing.providers().isEmpty()
                    ? provider
                    : tracing.providers().getFirst();
            percentage = or(tracing.randomSamplingPercentage(), percentage);
            reports = tracing.disableSpanReporting() == null ? reports : !tracing.disableSpanReporting();
            propagates =
                    tracing.disableContextPropagation() == null ? propagates : !tracing.disableContextPropagation();
            istioTags = tracing.enableIstioTags() == null ? istioTags : tracing.enableIstioTags();
            tags = tracing.customTags() == null ? tags : tracing.customTags();
        }

        private static @Nullable Double or(@Nullable Double value, @Nullable Double otherwise) {
            return value == null ? otherwise : value;
        }

        Tracing tracing() {
            OpenTelemetry source =
                    provider == null ? null : telemetries.providers().get(provider);
            boolean known =
                    provider == null ? defaults.hasCollector() : source != null && hasCollector(provider, source);
            if (!known) {
                return Tracing.OFF;
            }
            return new Tracing(
                    defaults.propagation(),
                    percentage == null ? defaults.sampler() : defaults.sampler().withPercent(percentage),
                    propagates,
                    compileTags(tags),
                    reports
                            ? Tracing.report(
                                    provider == null ? "" : provider,
                                    istioTags,
                                    source == null ? 0 : source.maxTagLength(),
                                    formatted(tags))
                            : null);
        }
    }

    /// Whether the provider's service is known.
    private boolean hasCollector(String name, OpenTelemetry source) {
        if (collectors.containsKey(name)) {
            return true;
        }
        String host = compilation.index().hosts().ofProvider(source.service());
        String cluster = compilation.clusters().requireProvider(host, source.port());
        if (cluster == null) {
            return false;
        }
        boolean http = !source.path().isEmpty();
        collectors.put(
                name,
                new Collector(
                        name,
                        cluster,
                        http ? Collector.Protocol.HTTP_PROTOBUF : Collector.Protocol.GRPC,
                        host,
                        http && !source.path().startsWith("/") ? "/" + source.path() : source.path(),
                        headers(source),
                        source.timeout() == null ? http ? HTTP_TIMEOUT : Collector.TIMEOUT : source.timeout(),
                        false));
        return true;
    }

    private static List<Map.Entry<String, String>> headers(OpenTelemetry source) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (OpenTelemetry.Header header : source.headers()) {
            String value = header.variable().isEmpty() ? header.value() : System.getenv(header.variable());
            if (value != null) {
                headers.add(Map.entry(AsciiCase.lower(header.name()), value));
            }
        }
        return headers;
    }

    /// Those whose values are known when a request has ended.
    private static SpanTags formatted(Map<String, Telemetry.CustomTag> tags) {
        Map<String, ParsedFormat> formats = new HashMap<>();
        for (Map.Entry<String, Telemetry.CustomTag> tag : tags.entrySet()) {
            if (tag.getValue().kind() == Telemetry.CustomTag.Kind.FORMATTER) {
                try {
                    formats.put(
                            tag.getKey(),
                            FormatParser.headerValue(tag.getValue().value()));
                } catch (FormatException e) {
                    // It was reported before.
                    continue;
                }
            }
        }
        return formats.isEmpty() ? SpanTags.NONE : new SpanTags(formats);
    }

    /// The others, in the order of their names.
    private static List<CustomTag> compileTags(Map<String, Telemetry.CustomTag> tags) {
        List<CustomTag> compiled = new ArrayList<>();
        new TreeMap<>(tags).forEach((name, tag) -> {
            switch (tag.kind()) {
                case LITERAL -> compiled.add(new CustomTag(name, null, tag.value()));
                case ENVIRONMENT -> {
                    String value = System.getenv(tag.name());
                    compiled.add(new CustomTag(name, null, value == null ? tag.value() : value));
                }
                case HEADER ->
                    compiled.add(new CustomTag(name, AsciiString.of(AsciiCase.lower(tag.name())), tag.value()));
                case FORMATTER -> {}
                case null -> {}
            }
        });
        return compiled;
    }
}
