package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What Istio's dashboards and Kiali ask of metrics is asked of those of a gateway that has met each kind of traffic:
/// it has every series that a gateway can have, with every label, and none of those that none can have.
@Timeout(180)
class IstioPanelsTest {
    private static final Path PANELS = Path.of("src/test/resources/istio/panels.txt");

    private static final Pattern MATCHER = Pattern.compile("(\\w+)(=~|!~|!=|=)\"([^\"]*)\"");

    /// By Prometheus, of whatever it scrapes in Kubernetes.
    private static final Set<String> ADDED = Set.of("app", "pod");

    /// What is chosen on a dashboard is known, but for a namespace that has no traffic.
    private static final Map<String, String> CHOSEN = Map.of("$qrep", "source|destination", "$other", "quiet");

    private static final String KNOWN = "(?!unknown$).+";

    private record Row(String panel, String metric, String matchers, List<String> grouping, String verdict) {
        static Row of(String line) {
            String[] fields = line.split(" \\| ", -1);
            assertThat(fields).as(line).hasSize(6);
            return new Row(
                    fields[0] + ": " + fields[1],
                    fields[2],
                    fields[3],
                    fields[4].isEmpty() ? List.of() : List.of(fields[4].split(",")),
                    fields[5]);
        }

        boolean served() {
            return verdict.equals("served");
        }

        boolean matches(Map<String, String> labels) {
            return MATCHER.matcher(matchers)
                    .results()
                    .allMatch(matcher -> matches(matcher, labels.getOrDefault(matcher.group(1), "")));
        }

        private static boolean matches(MatchResult matcher, String value) {
            String wanted = matcher.group(3).replace("\\\\", "\\");
            boolean isPattern = matcher.group(2).endsWith("~") || wanted.startsWith("$");
            boolean equal = isPattern ? value.matches(chosen(wanted)) : value.equals(wanted);
            return equal != matcher.group(2).startsWith("!");
        }

        /// A dollar sign before a letter is a variable, any other the end.
        private static String chosen(String pattern) {
            return Pattern.compile("\\$[a-z]+")
                    .matcher(pattern)
                    .replaceAll(variable -> Matcher.quoteReplacement(CHOSEN.getOrDefault(variable.group(), KNOWN)));
        }
    }

    private static List<Row> rows() throws IOException {
        return Files.readAllLines(PANELS).stream()
                .filter(line -> !line.startsWith("#"))
                .map(Row::of)
                .toList();
    }

    @Test
    void everySeriesThatAGatewayCanHaveIsThere() throws IOException {
        Map<String, List<Map<String, String>>> exported = Sample.in(
                        RecordedTraffic.recorded().after())
                .stream()
                .collect(
                        Collectors.groupingBy(Sample::metric, Collectors.mapping(Sample::labels, Collectors.toList())));
        var faults = new ArrayList<String>();
        for (Row row : rows()) {
            List<Map<String, String>> found = exported.getOrDefault(row.metric(), List.of()).stream()
                    .filter(row::matches)
                    .toList();
            if (found.isEmpty() == row.served()) {
                faults.add((row.served() ? "missing: " : "there after all: ") + row);
            }
            for (Map<String, String> labels : found) {
                var lacking = new HashSet<>(row.grouping());
                lacking.removeAll(labels.keySet());
                lacking.removeAll(ADDED);
                if (!lacking.isEmpty()) {
                    faults.add("without " + lacking + ": " + row);
                }
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void panelsAreServedUnlessAReasonIsGiven() throws IOException {
        Set<String> reasons = new HashSet<>();
        Set<String> panels = new HashSet<>();
        Set<String> served = new HashSet<>();
        for (Row row : rows()) {
            panels.add(row.panel());
            if (row.served()) {
                served.add(row.panel());
            } else {
                reasons.add(row.verdict());
            }
        }

        String legend = Files.readString(PANELS);
        assertThat(reasons).isNotEmpty().allSatisfy(reason -> assertThat(legend).contains("\n#   " + reason + "  "));
        assertThat(rows()).hasSize(273).filteredOn(Row::served).hasSize(197);
        assertThat(panels).hasSize(95);
        assertThat(served).hasSize(72);
    }
}
