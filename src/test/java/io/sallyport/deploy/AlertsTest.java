package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The alerts of the component `prometheus-rules`: each fires where it should, by Prometheus' own tool, and asks for
/// what a gateway exports.
@Timeout(180)
class AlertsTest {
    private static final Path RULES = Manifests.COMPONENTS.resolve("prometheus-rules/prometheus-rule.yaml");
    private static final Path CASES = Path.of("src/test/resources/prometheus/rules-test.yaml");

    /// By Prometheus, of whatever it scrapes in Kubernetes.
    private static final Map<String, String> ADDED = Map.of("namespace", "edge", "pod", "a", "job", "metrics");

    private static final Pattern SELECTOR = Pattern.compile("\\b((?:istio|sallyport|process)_\\w+)(?:\\{([^}]*)})?");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(?:=~|!=|!~|=)");
    private static final Pattern GROUPING = Pattern.compile("by \\(([^)]*)\\)");
    private static final Pattern TYPE = Pattern.compile("^# TYPE (\\S+) (\\S+)$");

    @TempDir
    Path directory;

    private static PrometheusRule resource() {
        return Manifests.one(RULES, PrometheusRule.class);
    }

    private static List<PrometheusRule.Rule> rules() {
        return resource().getSpec().groups().stream()
                .flatMap(group -> group.rules().stream())
                .toList();
    }

    /// The rules as a file of Prometheus itself, beside a file of tests.
    private Path tests(String text) throws IOException {
        new ObjectMapper()
                .writeValue(directory.resolve("rules.yaml").toFile(), resource().getSpec());
        return Files.writeString(directory.resolve("tests.yaml"), text);
    }

    @Test
    void eachAlertFiresWhereItShouldAndNowhereElse() throws Exception {
        Promtool.assumeThere();
        String cases = Files.readString(CASES);
        assertThat(rules()).allSatisfy(rule -> assertThat(cases).contains("alertname: " + rule.alert() + "\n"));

        Path tests = tests(cases);
        Promtool.run(tests, "check", "rules", directory.resolve("rules.yaml").toString());
        Promtool.run(tests, "test", "rules", tests.toString());
    }

    @Test
    void alertsAskForWhatIsExported() {
        Map<String, Set<String>> exported = new HashMap<>();
        for (Sample sample : Sample.in(RecordedTraffic.recorded().after())) {
            exported.computeIfAbsent(sample.metric(), _ -> new HashSet<>(ADDED.keySet()))
                    .addAll(sample.labels().keySet());
        }
        for (PrometheusRule.Rule rule : rules()) {
            List<MatchResult> selectors =
                    SELECTOR.matcher(rule.expr()).results().toList();
            assertThat(selectors).as(rule.alert()).isNotEmpty();
            Set<String> grouped = GROUPING.matcher(rule.expr())
                    .results()
                    .flatMap(list -> Set.of(list.group(1).split(",\\s*")).stream())
                    .collect(Collectors.toSet());
            for (MatchResult selector : selectors) {
                assertThat(exported).as(rule.alert()).containsKey(selector.group(1));
                Set<String> matched = MATCHER.matcher(selector.group(2) == null ? "" : selector.group(2))
                        .results()
                        .map(matcher -> matcher.group(1))
                        .collect(Collectors.toSet());
                assertThat(exported.get(selector.group(1))).as(rule.alert()).containsAll(matched);
            }
            Set<String> all = selectors.stream()
                    .flatMap(selector -> exported.get(selector.group(1)).stream())
                    .collect(Collectors.toSet());
            assertThat(all).as(rule.alert()).containsAll(grouped);
        }
    }

    /// As if the same traffic came every minute: it has failures, and requests for what is denied, and all else is
    /// well.
    /// How busy the machine is does not count.
    @Test
    void realTrafficRaisesWhatItDeserves() throws Exception {
        Promtool.assumeThere();
        RecordedTraffic recorded = RecordedTraffic.recorded();
        Map<String, String> types = recorded.after().stream()
                .flatMap(line -> TYPE.matcher(line).results())
                .collect(Collectors.toMap(type -> type.group(1), type -> type.group(2)));
        Map<Object, String> before = new HashMap<>();
        Sample.in(recorded.before())
                .forEach(sample -> before.put(List.of(sample.metric(), sample.labels()), sample.value()));
        var text = new StringBuilder("""
                rule_files: [rules.yaml]
                evaluation_interval: 1m
                tests:
                - interval: 1m
                  input_series:
                """);
        for (Sample sample : Sample.in(recorded.after())) {
            if (Double.isFinite(value(sample.value()))) {
                String start = before.getOrDefault(List.of(sample.metric(), sample.labels()), "0");
                text.append("  - series: '").append(series(sample)).append("'\n    values: '");
                text.append(
                                types.getOrDefault(sample.metric(), "counter").equals("gauge")
                                        ? plain(sample.value()) + "x40"
                                        : plain(start) + "+" + plain(grown(sample.value(), start)) + "x40")
                        .append("'\n");
            }
        }
        text.append("""
                  promql_expr_test:
                  - expr: 'group by (alertname) (ALERTS{alertstate="firing",alertname!~"SallyportCpu|SallyportLoopLate"})'
                    eval_time: 35m
                    exp_samples:
                """);
        for (String alert : List.of(
                "SallyportDeniedByPolicy",
                "SallyportEgressDenied",
                "SallyportErrors",
                "SallyportGrpcErrors",
                "SallyportNoEndpoint")) {
            text.append("    - {labels: '{alertname=\"").append(alert).append("\"}', value: 1}\n");
        }

        Path tests = tests(text.toString());
        Promtool.run(tests, "test", "rules", tests.toString());
    }

    private static String series(Sample sample) {
        Map<String, String> labels = new HashMap<>(sample.labels());
        labels.putAll(ADDED);
        return labels.entrySet().stream()
                .map(label -> label.getKey() + "=\"" + label.getValue().replace("'", "''") + '"')
                .collect(Collectors.joining(",", sample.metric() + "{", "}"));
    }

    private static String grown(String value, String start) {
        return Double.toString(value(value) - value(start));
    }

    private static double value(String written) {
        return switch (written) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(written);
        };
    }

    /// Without an exponent, which the tool's series do not have.
    private static String plain(String value) {
        return new BigDecimal(value).toPlainString();
    }
}
