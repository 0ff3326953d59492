package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Every metric and every label that the dashboard asks for is one that a gateway with some traffic exports.
@Timeout(180)
class DashboardTest {
    private static final Path DASHBOARD = Manifests.COMPONENTS.resolve("grafana-dashboard/sallyport.json");

    /// By Prometheus, of whatever it scrapes in Kubernetes.
    private static final Set<String> ADDED = Set.of("namespace", "pod", "job");

    private static final Pattern SELECTOR = Pattern.compile("([a-zA-Z_:][\\w:]*)\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(?:=~|!=|!~|=)");
    private static final Pattern GROUPING = Pattern.compile("by \\(([^)]*)\\)");
    private static final Pattern LEGEND = Pattern.compile("\\{\\{(\\w+)}}");

    @Test
    void everyPanelAsksForWhatIsExported() throws IOException {
        Map<String, Set<String>> exported = exported();
        var queries = new ArrayList<JsonNode>();
        JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
        dashboard.get("panels").forEach(panel -> panel.path("targets").forEach(queries::add));
        assertThat(queries).hasSizeGreaterThan(30);
        for (JsonNode query : queries) {
            String expression = query.get("expr").asText();
            Set<String> asked =
                    new HashSet<>(find(LEGEND, query.get("legendFormat").asText()));
            find(GROUPING, expression).forEach(list -> asked.addAll(List.of(list.split(",\\s*"))));
            List<MatchResult> selectors = SELECTOR.matcher(expression).results().toList();
            assertThat(selectors).as(expression).isNotEmpty();
            for (MatchResult selector : selectors) {
                assertThat(exported).as(expression).containsKey(selector.group(1));
                Set<String> labels = new HashSet<>(exported.get(selector.group(1)));
                labels.addAll(ADDED);
                assertThat(labels).as(expression).containsAll(asked).containsAll(find(MATCHER, selector.group(2)));
            }
        }
        assertThat(dashboard.at("/templating/list").findValuesAsText("definition"))
                .isNotEmpty()
                .allSatisfy(definition -> assertThat(exported.keySet()).anyMatch(definition::contains));
    }

    /// A misspelt name must not pass for a function of PromQL.
    @Test
    void everyMetricIsNamedWithItsInstances() throws IOException {
        for (JsonNode panel : new ObjectMapper().readTree(DASHBOARD.toFile()).get("panels")) {
            for (JsonNode query : panel.path("targets")) {
                assertThat(find(
                                Pattern.compile("(\\b(?:istio|sallyport|process|jvm)_\\w+)(?!\\w|\\{)"),
                                query.get("expr").asText()))
                        .isEmpty();
            }
        }
    }

    private static List<String> find(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(result -> result.group(1)).toList();
    }

    /// Labels by metric.
    private static Map<String, Set<String>> exported() {
        var labels = new HashMap<String, Set<String>>();
        for (Sample sample : Sample.in(RecordedTraffic.recorded().after())) {
            labels.computeIfAbsent(sample.metric(), _ -> new HashSet<>())
                    .addAll(sample.labels().keySet());
        }
        return labels;
    }
}
