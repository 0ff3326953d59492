package io.sallyport.config.decode;

import io.sallyport.config.model.HealthCheck;
import io.sallyport.config.model.Position;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.ObjectReader;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.YamlDocument;
import io.sallyport.config.yaml.YamlLimits;
import io.sallyport.config.yaml.YamlNode;
import io.sallyport.config.yaml.YamlReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Decodes and checks the annotation `sallyport.io/health-check`: YAML or JSON within the annotation's text. Problems
/// are reported at the line of the file that they are on.
final class HealthCheckDecoder {
    private static final YamlLimits LIMITS = new YamlLimits(4096, 100, 4, 1);
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final int HEALTHY = 2;
    private static final int UNHEALTHY = 3;

    private HealthCheckDecoder() {}

    /// @return null where there is none, or none that can be used, which is reported
    static @Nullable HealthCheck read(Place document) {
        Place annotation = document.field("metadata").field("annotations").key(HealthCheck.ANNOTATION);
        if (!(annotation.node() instanceof YamlNode.Scalar scalar) || scalar.type() != YamlNode.ScalarType.TEXT) {
            return null;
        }
        ProblemReport within = new ProblemReport();
        byte[] text = scalar.text().getBytes(StandardCharsets.UTF_8);
        List<YamlDocument> found = new YamlReader(LIMITS).read(scalar.at().file(), text, within);
        found.forEach(each -> within.addAll(each.problems()));
        HealthCheck check = null;
        if (found.size() == 1) {
            check = ObjectReader.read(Place.root(found.getFirst().root(), within), HealthCheckDecoder::check);
        } else if (!within.hasErrors()) {
            String message = "one mapping is needed, not " + found.size();
            annotation.report(ProblemCode.BAD_HEALTH_CHECK, message, "for example {type: http, path: /health}");
        }
        within.toList().forEach(problem -> annotation.report(moved(problem, annotation.path(), scalar)));
        return within.hasErrors() ? null : check;
    }

    /// Text that has lines of its own begins on the line after its indicator (`|`).
    private static Problem moved(Problem problem, String path, YamlNode.Scalar text) {
        Position at = text.at();
        if (text.text().indexOf('\n') >= 0 && problem.at().line() > 0) {
            at = at.below(problem.at().line(), problem.at().column());
        }
        String field = problem.field().isEmpty() ? path : path + "." + problem.field();
        return problem.moved(at, field);
    }

    private static HealthCheck check(ObjectReader in) {
        HealthCheck.Type type = type(in);
        String path = in.text("path");
        String service = in.text("service");
        HealthCheck check = new HealthCheck(
                type,
                path.isEmpty() ? "/" : path,
                service,
                in.uint32("port"),
                time(in, "interval", INTERVAL),
                time(in, "timeout", TIMEOUT),
                threshold(in, "healthyThreshold", HEALTHY),
                threshold(in, "unhealthyThreshold", UNHEALTHY));
        if (in.has("path") && (type != HealthCheck.Type.HTTP || !isPath(path))) {
            bad(in, "path", type == HealthCheck.Type.HTTP ? Quote.of(path) + " is not a path" : "is for type http");
        }
        if (in.has("service") && type != HealthCheck.Type.GRPC) {
            bad(in, "service", "is for type grpc");
        }
        if (in.has("port") && (check.port() < 1 || check.port() > 65_535)) {
            in.place().field("port").report(ProblemCode.BAD_PORT, check.port() + " is not in 1 to 65535");
        }
        return check;
    }

    private static HealthCheck.Type type(ObjectReader in) {
        String written = in.requiredText("type");
        return switch (written.toLowerCase(Locale.ROOT)) {
            case "http" -> HealthCheck.Type.HTTP;
            case "grpc" -> HealthCheck.Type.GRPC;
            case "tcp" -> HealthCheck.Type.TCP;
            default -> {
                if (!written.isEmpty()) {
                    bad(in, "type", Quote.of(written) + " is not http, grpc or tcp");
                }
                yield HealthCheck.Type.TCP;
            }
        };
    }

    private static Duration time(ObjectReader in, String field, Duration standard) {
        Duration time = in.duration(field);
        if (time != null && time.compareTo(Duration.ofMillis(1)) < 0) {
            in.place().field(field).report(ProblemCode.BAD_TIME, "a duration is at least 1ms");
        }
        return time == null ? standard : time;
    }

    private static int threshold(ObjectReader in, String field, int standard) {
        Integer threshold = in.optionalUint32(field);
        if (threshold != null && threshold == 0) {
            bad(in, field, "at least one check decides");
        }
        return threshold == null ? standard : threshold;
    }

    /// It goes into a request line as it is.
    private static boolean isPath(String path) {
        return path.startsWith("/") && path.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#');
    }

    private static void bad(ObjectReader in, String field, String message) {
        in.place().field(field).report(ProblemCode.BAD_HEALTH_CHECK, message);
    }
}
