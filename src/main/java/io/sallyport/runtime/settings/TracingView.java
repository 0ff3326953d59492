package io.sallyport.runtime.settings;

import io.sallyport.otlp.CollectorEndpoint;
import io.sallyport.otlp.Instance;
import io.sallyport.outcome.WorkloadNames;
import io.sallyport.trace.Collector;
import io.sallyport.trace.Propagation;
import io.sallyport.trace.Propagation.Format;
import io.sallyport.trace.Sampler;
import io.sallyport.trace.TraceDefaults;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The settings of tracing in the types of the parts that use them. What cannot be read is an
/// IllegalArgumentException, which [SettingsCheck] reports before anybody else asks.
public final class TracingView {
    private static final Pattern MILLIS = Pattern.compile("\\d{1,9}");
    private static final Pattern DURATION = Pattern.compile("\\d{1,9}(ms|s|m)");
    private static final Pattern NAME = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]+");
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e]*");
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
        return !tracing.exporter().equals("none")
                && (tracing.endpoint().isPresent() || tracing.baseEndpoint().isPresent());
    }

    /// The collector that gets spans; null where none is named.
    public static @Nullable CollectorEndpoint collector(Settings settings) {
        TracingSettings tracing = settings.tracing();
        if (tracing.disabled() || !hasEndpoint(tracing)) {
            return null;
        }
        Collector.Protocol protocol = protocol(tracing.protocol());
        URI uri = tracing.endpoint().isPresent()
                ? endpoint(tracing.endpoint().get())
                : endpoint(tracing.baseEndpoint().orElse(""));
        String path = uri.getRawPath();
        if (tracing.endpoint().isEmpty()) {
            path += path.endsWith("/") ? "v1/traces" : "/v1/traces";
        }
        boolean tls = uri.getScheme().equalsIgnoreCase("https");
        int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
        String host = uri.getHost();
        Collector collector = new Collector(
                "",
                "",
                protocol,
                uri.getRawAuthority(),
                path.isEmpty() ? "/" : path,
                headers(tracing.headers().orElseGet(List::of)),
                timeout(tracing.timeout()),
                gzip(tracing.compression()));
        return new CollectorEndpoint(
                collector,
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host.toLowerCase(Locale.ROOT),
                port,
                tls,
                tracing.certificate().orElse(null));
    }

    /// Who reports.
    public static Instance instance(Settings settings) {
        TracingSettings tracing = settings.tracing();
        Map<String, String> attributes = new LinkedHashMap<>();
        pairs(tracing.resourceAttributes().orElseGet(List::of))
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

    static Collector.Protocol protocol(String text) {
        return switch (text.strip()) {
            case "grpc" -> Collector.Protocol.GRPC;
            case "http/protobuf" -> Collector.Protocol.HTTP_PROTOBUF;
            default -> throw new IllegalArgumentException("must be grpc or http/protobuf");
        };
    }

    static boolean gzip(String text) {
        return switch (text.strip()) {
            case "gzip" -> true;
            case "none", "" -> false;
            default -> throw new IllegalArgumentException("must be gzip or none");
        };
    }

    static Duration timeout(String text) {
        String value = text.strip();
        try {
            Duration timeout = MILLIS.matcher(value).matches()
                    ? Duration.ofMillis(Long.parseLong(value))
                    : DURATION.matcher(value).matches() && value.endsWith("ms")
                            ? Duration.ofMillis(Long.parseLong(value.substring(0, value.length() - 2)))
                            : Duration.parse("PT" + value);
            if (timeout.isPositive() && timeout.compareTo(Duration.ofMinutes(10)) <= 0) {
                return timeout;
            }
        } catch (DateTimeParseException e) {
            // Said below.
        }
        throw new IllegalArgumentException("must be milliseconds, or a duration such as 10s, of at most 10 minutes");
    }

    static URI endpoint(String text) {
        try {
            URI uri = new URI(text.strip());
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (web
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && uri.getFragment() == null
                    && uri.getPort() <= 65_535
                    && uri.getPort() != 0) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw new IllegalArgumentException("must be http://host:port or https://host:port, and a path at most");
    }

    static List<Map.Entry<String, String>> headers(List<String> texts) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (Map.Entry<String, String> pair : pairs(texts)) {
            String name = pair.getKey().toLowerCase(Locale.ROOT);
            if (!NAME.matcher(name).matches() || !VALUE.matcher(pair.getValue()).matches()) {
                throw new IllegalArgumentException("\"" + pair.getKey() + "\" is not a header that can be sent");
            }
            headers.add(Map.entry(name, pair.getValue()));
        }
        return headers;
    }

    /// As W3C Baggage has them, which OpenTelemetry refers to.
    static List<Map.Entry<String, String>> pairs(List<String> texts) {
        List<Map.Entry<String, String>> pairs = new ArrayList<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (text.isBlank()) {
                continue;
            }
            if (equals < 1 || text.substring(0, equals).isBlank()) {
                throw new IllegalArgumentException("\"" + text + "\" is not key=value");
            }
            pairs.add(Map.entry(
                    text.substring(0, equals).strip(),
                    decoded(text.substring(equals + 1).strip())));
        }
        return pairs;
    }

    /// A plus is a plus there.
    private static String decoded(String value) {
        return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
