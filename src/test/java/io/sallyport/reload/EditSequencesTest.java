package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.compile.CompileOptions;
import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.Resource;
import io.sallyport.config.source.Changes;
import io.sallyport.config.source.ConfigurationFiles;
import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.reload.ConfigurationSource.OnError;
import io.sallyport.reload.ConfigurationSource.Read;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Random edits of files with many documents: a gateway that reads, checks and compiles what is different serves, holds
/// and reports what one does that reads everything anew each time.
class EditSequencesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ExplainedRequest.Client CLIENT = new ExplainedRequest.Client(null, null, "127.0.0.1");
    private static final int STEPS = 120;
    private static final int HOSTS = 5;
    private static final String FILES = "abcd";
    private static final String BROKEN = "kind: [broken\n";

    @TempDir
    Path directory;

    @TempDir
    Path elsewhere;

    /// The documents of each file.
    private final Map<String, List<String>> files = new TreeMap<>();

    private final Set<String> broken = new HashSet<>();
    private final Set<Path> changed = new HashSet<>();
    private Random random = new Random(0);
    private boolean faults;

    private static ConfigurationSource source(ConfigurationFiles files, OnError onError) {
        return new ConfigurationSource(
                files,
                new AnalysisOptions(InstanceScope.defaults(), Map.of(), Map.of(), SecretLookup.UNCHECKED),
                CompileOptions.defaults(),
                Clock.fixed(NOW, ZoneOffset.UTC),
                onError);
    }

    private String host() {
        return "h" + random.nextInt(HOSTS) + ".example";
    }

    private String service() {
        return "s" + random.nextInt(HOSTS) + ".internal";
    }

    private String any(String... texts) {
        return texts[random.nextInt(texts.length)];
    }

    private String document(int step) {
        return switch (random.nextInt(11)) {
            case 0 -> Yaml.service(service(), random.nextInt(1, 9));
            case 1 -> rule();
            case 2 ->
                Yaml.security(
                        "AuthorizationPolicy",
                        "default",
                        "p" + random.nextInt(3),
                        "action: DENY\nrules: [{to: [{operation: {hosts: [%s]}}]}]".formatted(host()));
            case 3 -> faults ? delegate(0, 1) : route(step);
            case 4 -> list(step);
            case 5 -> any(Yaml.httpGateway("*"), Yaml.httpGateway("*.example"), Yaml.httpGateway("h1.example"));
            case 6 -> faults ? side() : route(step);
            default -> route(step);
        };
    }

    private String route(int step) {
        String subset = any("", "", ", subset: v1", ", subset: v2");
        String host = any(host(), host(), host(), "*.example");
        String routes = any(
                "- {name: n%d, directResponse: {status: 200}}".formatted(step),
                """
                - match: [{uri: {prefix: /x}}]
                  timeout: 5s
                  retries: {attempts: 2, perTryTimeout: 1s}
                  route: [{destination: {host: %s%s}}]
                - route: [{destination: {host: %s}}]
                """.formatted(service(), subset, service()),
                """
                - match: [{uri: {prefix: /x}}, {uri: {exact: /x/y}}]
                  route: [{destination: {host: %s}}]
                """.formatted(service()),
                "- {match: [{uri: {prefix: /d}}], delegate: {name: d%d}}".formatted(random.nextInt(2)),
                """
                - match: [{headers: {"@request.auth.claims.team": {exact: a}}}]
                  corsPolicy: {allowOrigins: [{exact: "https://a.example"}]}
                  route: [{destination: {host: %s}}]
                """.formatted(service()));
        String route = Yaml.virtualService(host, routes);
        String bound = any("[edge]", "[edge]", "[edge]", "[side]", "[edge, side]", "[mesh]", "[mesh, edge]");
        route = route.replace("gateways: [edge]", "gateways: " + bound);
        String second = any("", "", host(), "\"*.h1.example\"");
        if (!second.isEmpty() && !host.startsWith("*") && !second.equals(host)) {
            route = route.replaceFirst("hosts: \\[(.*)]", "hosts: [$1, " + second + "]");
        }
        if (random.nextInt(6) == 0) {
            route = route.replaceFirst(
                    "  gateways:", "  exportTo: [" + any("\".\"", "\"*\"", "elsewhere") + "]\n  gateways:");
        }
        return random.nextInt(4) == 0 ? route.replace("name: vs-", "name: other-") : route;
    }

    /// A second Gateway: on the port of the first, on one of its own, or both.
    private String side() {
        String shared =
                "  - port: {number: 80, name: http, protocol: HTTP}\n    hosts: [%s]\n".formatted(any("\"*\"", host()));
        String own = "  - port: {number: 8080, name: other, protocol: HTTP}\n    hosts: [\"*.example\"]%s\n"
                .formatted(any("", "\n    tls: {httpsRedirect: true}"));
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: side}
                spec:
                  servers:
                """ + any(shared, own, shared + own);
    }

    private String delegate(int first, int last) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: d%d}
                spec:
                  http:
                  - match: [{uri: {prefix: %s}}]
                    timeout: 2s
                    route: [{destination: {host: %s}}]
                """.formatted(random.nextInt(first, last + 1), any("/d", "/d/e", "/other"), service());
    }

    private String rule() {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: rule%d}
                spec:
                  host: %s
                  subsets: [{name: %s, labels: {}}]
                """.formatted(random.nextInt(3), any(service(), service(), "*.internal"), any("v1", "v2"));
    }

    private String list(int step) {
        String item = "- " + route(step).replace("---\n", "").indent(2).substring(2);
        return "apiVersion: v1\nkind: List\nitems:\n" + item;
    }

    private String fault(String document) {
        return switch (random.nextInt(4)) {
            case 0 -> document.replaceFirst("spec:\n", "spec:\n  wrong: 1\n");
            case 1 -> document.replaceFirst("spec:", "spec: 7\nspek:");
            case 2 -> document.replaceFirst("kind: \\w+", "kind: Unheard");
            default -> document.replaceFirst("internal", "nowhere");
        };
    }

    private void edit(int step) {
        String name = FILES.charAt(random.nextInt(FILES.length())) + ".yaml";
        List<String> documents = files.computeIfAbsent(name, _ -> new ArrayList<>());
        int at = documents.isEmpty() ? 0 : random.nextInt(documents.size());
        switch (documents.isEmpty() ? 0 : random.nextInt(faults ? 14 : 11)) {
            case 0, 1, 2 -> documents.add(at, document(step));
            case 3 -> documents.remove(at);
            case 4, 5 -> documents.set(at, document(step));
            case 6 -> documents.set(at, "# moves what is below\n" + documents.get(at));
            case 7 -> Collections.shuffle(documents, random);
            case 8 -> moveTo(FILES.charAt(random.nextInt(FILES.length())) + ".yaml", documents.remove(at));
            case 9 -> rename(name, FILES.charAt(random.nextInt(FILES.length())) + ".yaml");
            case 10 -> mend(name, step);
            case 11 -> broken.add(name);
            default -> documents.set(at, fault(documents.get(at)));
        }
        changed.add(directory.resolve(name));
    }

    private void moveTo(String name, String document) {
        files.computeIfAbsent(name, _ -> new ArrayList<>()).add(document);
        changed.add(directory.resolve(name));
    }

    private void rename(String from, String to) {
        files.put(to, files.remove(from));
        changed.add(directory.resolve(to));
    }

    private void mend(String name, int step) {
        broken.remove(name);
        files.get(name)
                .replaceAll(text -> text.contains("wrong:")
                                || text.contains("spek:")
                                || text.contains("Unheard")
                                || text.contains("nowhere")
                        ? document(step)
                        : text);
    }

    /// Without faults no resource is defined twice, so that some generations are served.
    private void divide() {
        Set<String> seen = new HashSet<>();
        files.forEach((name, documents) -> {
            if (documents.removeIf(
                    text -> !seen.add(text.replaceFirst("(?s).*?(kind: \\w+\nmetadata: [^\n]*).*", "$1")))) {
                changed.add(directory.resolve(name));
            }
        });
    }

    private void write() throws IOException {
        if (!faults) {
            divide();
        }
        for (Path file : changed) {
            String name = file.getFileName().toString();
            List<String> documents = files.getOrDefault(name, List.of());
            if (documents.isEmpty()) {
                Files.deleteIfExists(file);
            } else {
                String text = String.join("---\n", documents) + (broken.contains(name) ? "---\n" + BROKEN : "");
                Path next = Files.writeString(elsewhere.resolve("next"), text);
                Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private static String explained(Read read, String url) {
        return new Explainer(read.plan(), ProxySettings.DEFAULT)
                .explain(Explainer.request(url, "GET", List.of(), null, null, null, CLIENT))
                .json();
    }

    /// Without the generations: what is read anew is another version each time, though it says the same. What is
    /// held need not stand anywhere now, and where it was seen last may be in a file that was refused; so may
    /// what was held before it was left out.
    private static List<String> texts(Collection<?> all) {
        return all.stream()
                .map(each -> each.toString()
                        .replaceAll("generation[ =]\\d+|since=[^,]*", "")
                        .replaceAll("line=\\d+, (state=HELD|state=LEFT_OUT.*yaml \\(\\))", "$1"))
                .sorted()
                .toList();
    }

    private static List<Resource> resources(Configuration configuration) {
        return Stream.of(
                        configuration.gateways(),
                        configuration.virtualServices(),
                        configuration.destinationRules(),
                        configuration.serviceEntries(),
                        configuration.authorizationPolicies())
                .<Resource>flatMap(List::stream)
                .toList();
    }

    private static void assertSame(Read read, Read anew, String as) {
        assertThat(texts(read.problems())).as(as).isEqualTo(texts(anew.problems()));
        assertThat(read.contentHash()).as(as).isEqualTo(anew.contentHash());
        assertThat(texts(resources(read.configuration()))).as(as).isEqualTo(texts(resources(anew.configuration())));
        assertThat(texts(read.faults())).as(as).isEqualTo(texts(anew.faults()));
        assertThat(read.isRefused()).as(as).isEqualTo(anew.isRefused());
        assertThat(read.plan().clusters()).as(as).isEqualTo(anew.plan().clusters());
        assertThat(texts(read.plan().policies().entrySet()))
                .as(as)
                .isEqualTo(texts(anew.plan().policies().entrySet()));
        if (!read.isRefused()) {
            for (int host = 0; host < HOSTS; host++) {
                for (String path : List.of("/", "/x", "/x/y", "/d/e")) {
                    for (String at : List.of("", ":8080")) {
                        String url = "http://h" + host + ".example" + at + path;
                        assertThat(texts(List.of(explained(read, url))))
                                .as(as)
                                .isEqualTo(texts(List.of(explained(anew, url))));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, ISOLATE",
        "2, ISOLATE",
        "3, ISOLATE",
        "4, ISOLATE",
        "5, ISOLATE",
        "6, ISOLATE",
        "7, REFUSE",
        "8, REFUSE"
    })
    void whatIsReadInPartsComesToWhatIsReadAnew(long seed, OnError onError) throws IOException {
        random = new Random(seed);
        faults = onError == OnError.ISOLATE;
        List<String> always = new ArrayList<>(List.of(Yaml.httpGateway("*")));
        if (!faults) {
            always.addAll(List.of(side(), delegate(0, 0), delegate(1, 1)));
        }
        for (int i = faults ? HOSTS - 1 : 0; i < HOSTS; i++) {
            always.add(Yaml.service("s" + i + ".internal", 9));
        }
        files.put("gateway.yaml", always);
        changed.add(directory.resolve("gateway.yaml"));
        write();
        ConfigurationSource source = source(new ConfigurationLoader(directory, LoadOptions.DEFAULT), onError);
        ConfigurationSource anew = source(_ -> ConfigurationLoader.load(directory, LoadOptions.DEFAULT), onError);
        int served = 0;
        for (int step = 1; step <= STEPS; step++) {
            changed.clear();
            for (int edits = random.nextInt(1, 4); edits > 0; edits--) {
                edit(step);
            }
            write();
            String as = "step " + step;
            Read read = source.read(step == 1 || random.nextInt(8) == 0 ? Changes.ANY : Changes.of(changed));
            Read other = anew.read();
            assertSame(read, other, as);
            if (!read.isRefused()) {
                served++;
                Instant at = NOW.plusSeconds(step);
                source.applied(read, step, at);
                anew.applied(other, step, at);
                assertThat(texts(source.served().all()))
                        .as(as)
                        .isEqualTo(texts(anew.served().all()));
            }
        }
        assertThat(served).as("generations that are served").isGreaterThan(onError == OnError.ISOLATE ? STEPS / 2 : 3);
    }
}
