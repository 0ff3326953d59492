package io.sallyport.reload;

import static java.util.stream.Collectors.joining;

import io.sallyport.compile.CompileOptions;
import io.sallyport.compile.EgressOptions;
import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.LoadResult;
import io.sallyport.config.SourceFile;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.model.Position;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.source.Changes;
import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.reload.ConfigurationSource.OnError;
import io.sallyport.reload.ConfigurationSource.Read;
import io.sallyport.testing.Yaml;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A directory with errors, and what is served of it.
abstract class IsolatedReads {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ExplainedRequest.Client CLIENT = new ExplainedRequest.Client(null, null, "127.0.0.1");

    final Map<String, String> files = new TreeMap<>();
    /// Of files of which it is known beforehand.
    final Map<String, String> namespaces = new TreeMap<>();
    final List<String> unreadable = new ArrayList<>();
    ConfigurationSource source = source(EgressOptions.NO_MESH);
    private long generation;

    ConfigurationSource source(EgressOptions egress) {
        CompileOptions usual = CompileOptions.defaults();
        return new ConfigurationSource(
                this::load,
                new AnalysisOptions(InstanceScope.defaults(), Map.of(), Map.of(), SecretLookup.UNCHECKED),
                new CompileOptions(usual.scope(), usual.portMap(), null, null, usual.trustDomain(), egress),
                Clock.fixed(NOW, ZoneOffset.UTC),
                OnError.ISOLATE);
    }

    private LoadResult load(Changes changes) {
        List<SourceFile> all = files.entrySet().stream()
                .map(file -> new SourceFile(
                        file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8), namespaces.get(file.getKey())))
                .toList();
        LoadResult loaded = ConfigurationLoader.load("config", all, LoadOptions.DEFAULT);
        List<Problem> problems = new ArrayList<>(loaded.problems());
        unreadable.forEach(
                file -> problems.add(Problem.of(ProblemCode.FILE_UNREADABLE, Position.of(file), "", "it may not be")));
        return new LoadResult(
                loaded.configuration(),
                problems,
                loaded.contentHash(),
                loaded.positions(),
                loaded.files(),
                loaded.names());
    }

    /// Serves what can be served, as a reload does.
    Read serve() {
        Read read = source.read();
        if (!read.isRefused()) {
            source.applied(read, ++generation, NOW.plusSeconds(generation));
        }
        return read;
    }

    Read serve(String file, String content) {
        files.put(file, content);
        return serve();
    }

    static String explain(Read read, String url) {
        return explain(read, url, null);
    }

    /// @param via `mesh` for a client of the mesh listener
    static String explain(Read read, String url, String via) {
        return new Explainer(read.plan(), ProxySettings.DEFAULT)
                .explain(Explainer.request(url, "GET", List.of(), null, null, via, CLIENT))
                .json();
    }

    /// `kind namespace/name state generation`, each but the served ones.
    String faults() {
        return source.served().faults().stream()
                .map(state -> state.id() + " " + state.state().label() + " " + state.generation())
                .sorted()
                .collect(joining(", "));
    }

    static String route(String host, String name) {
        return Yaml.virtualService(host, "- {name: %s, directResponse: {status: 200}}".formatted(name));
    }

    static String named(String yaml, String name) {
        return yaml.replaceFirst("metadata: \\{name: [^,}]*", "metadata: {name: " + name);
    }

    static String tls(String name, String host, String mode) {
        return named(
                Yaml.gateway(("port: {number: 443, name: https, protocol: HTTPS}, hosts: [\"%s\"],"
                                + " tls: {mode: %s, credentialName: cert}")
                        .formatted(host, mode)),
                name);
    }
}
