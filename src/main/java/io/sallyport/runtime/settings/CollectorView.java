package io.sallyport.runtime.settings;

import io.sallyport.otlp.CollectorEndpoint;
import io.sallyport.trace.Collector;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What settings say of the collector of one kind of signal, and how it is read. What cannot be read is an
/// IllegalArgumentException, which [SettingsCheck] reports before anybody else asks.
///
/// @param named where it is, as it is
/// @param base where it is without `path`; where nothing is named
record CollectorView(
        Optional<String> named,
        Optional<String> base,
        String path,
        String protocol,
        Optional<List<String>> headers,
        String timeout,
        String compression,
        Optional<Path> certificate) {
    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(10);
    private static final Pattern MILLIS = Pattern.compile("\\d{1,9}");
    private static final Pattern DURATION = Pattern.compile("\\d{1,9}(ms|s|m)");
    private static final Pattern NAME = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]+");
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e]*");

    static CollectorView of(TracingSettings tracing) {
        return new CollectorView(
                tracing.endpoint(),
                tracing.baseEndpoint(),
                "v1/traces",
                tracing.protocol(),
                tracing.headers(),
                tracing.timeout(),
                tracing.compression(),
                tracing.certificate());
    }

    static CollectorView of(MetricExportSettings metrics) {
        return new CollectorView(
                metrics.endpoint(),
                metrics.baseEndpoint(),
                "v1/metrics",
                metrics.protocol(),
                metrics.headers(),
                metrics.timeout(),
                metrics.compression(),
                metrics.certificate());
    }

    boolean isThere() {
        return named.isPresent() || base.isPresent();
    }

    /// Of one that is there.
    CollectorEndpoint endpoint() {
        URI uri = endpoint(named.or(() -> base).orElse(""));
        String target = uri.getRawPath();
        if (named.isEmpty()) {
            target += target.endsWith("/") ? path : '/' + path;
        }
        boolean tls = uri.getScheme().equalsIgnoreCase("https");
        int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
        String host = uri.getHost();
        Collector collector = new Collector(
                "",
                "",
                protocol(protocol),
                uri.getRawAuthority(),
                target.isEmpty() ? "/" : target,
                headers(headers.orElseGet(List::of)),
                timeout(timeout),
                gzip(compression));
        return new CollectorEndpoint(
                collector,
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host.toLowerCase(Locale.ROOT),
                port,
                tls,
                certificate.orElse(null));
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
        return duration(text, Duration.ofMillis(1), LONGEST_TIMEOUT, "a duration such as 10s, of at most 10 minutes");
    }

    /// @param said what it must be, other than a number of milliseconds
    static Duration duration(String text, Duration least, Duration most, String said) {
        String value = text.strip();
        try {
            Duration duration = MILLIS.matcher(value).matches()
                    ? Duration.ofMillis(Long.parseLong(value))
                    : DURATION.matcher(value).matches() && value.endsWith("ms")
                            ? Duration.ofMillis(Long.parseLong(value.substring(0, value.length() - 2)))
                            : Duration.parse("PT" + value);
            if (duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // Said below.
        }
        throw new IllegalArgumentException("must be milliseconds, or " + said);
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
