package io.sallyport.compile;

import io.sallyport.config.index.TelemetryIndex;
import io.sallyport.config.model.ExtensionProvider;
import io.sallyport.config.model.ExtensionProvider.FileLog;
import io.sallyport.config.model.ExtensionProvider.LogService;
import io.sallyport.config.model.MeshConfig;
import io.sallyport.config.model.MeshConfig.LogEncoding;
import io.sallyport.config.model.Telemetry;
import io.sallyport.config.model.Telemetry.AccessLogging;
import io.sallyport.config.model.Telemetry.Mode;
import io.sallyport.format.CelExpression;
import io.sallyport.format.FormatException;
import io.sallyport.format.LogPlan;
import io.sallyport.format.LogRecords;
import io.sallyport.format.LogSink;
import io.sallyport.snapshot.ByGateway;
import io.sallyport.snapshot.LogPlans;
import io.sallyport.trace.Collector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Compiles how requests are logged: as Telemetries say, else as MeshConfig does, else as the settings do.
final class LogCompiler {
    private final Compilation compilation;
    private final TelemetryIndex telemetries;
    private final LogDefaults defaults;
    /// By their names, [TelemetryIndex#BUILT_IN_LOG] among them.
    private final Map<String, LogSink> providers = new HashMap<>();

    private final Map<String, Collector> collectors = new HashMap<>();

    private final List<String> defaultProviders;
    /// The file where no Telemetry says anything; null where neither MeshConfig nor the settings do.
    private final @Nullable LogSink usual;

    private LogCompiler(Compilation compilation) throws FormatException {
        this.compilation = compilation;
        telemetries = compilation.index().telemetries();
        defaults = compilation.options().log();
        usual = usual(compilation.index().configuration().meshConfigs());
        providers.put(
                TelemetryIndex.BUILT_IN_LOG, usual == null ? LogSink.of(defaults.json(), "", defaults.file()) : usual);
        for (Map.Entry<String, ExtensionProvider.FileLog> each :
                telemetries.fileLogs().entrySet()) {
            FileLog log = each.getValue();
            boolean json = !log.labels().isEmpty();
            providers.put(each.getKey(), LogSink.of(json, json ? log.labels() : log.text(), log.path()));
        }
        List<String> named = telemetries.defaultLogs();
        defaultProviders = named.isEmpty() ? List.of(TelemetryIndex.BUILT_IN_LOG) : named;
    }

    static LogPlans compile(Compilation compilation) {
        if (!compilation.options().log().enabled()) {
            return LogPlans.USUAL;
        }
        try {
            return new LogCompiler(compilation).compile();
        } catch (FormatException e) {
            // It was reported before.
            return LogPlans.USUAL;
        }
    }

    private LogPlans compile() throws FormatException {
        List<Telemetry> widest = telemetries.ofInstance();
        Map<String, LogPlan> gateways = new HashMap<>();
        for (Map.Entry<String, Telemetry> each : telemetries.ofGateways().entrySet()) {
            if (!each.getValue().accessLogging().isEmpty()) {
                List<Telemetry> all = new ArrayList<>(widest);
                all.add(each.getValue());
                LogPlan plan = plan(all);
                gateways.put(each.getKey(), plan == null ? new LogPlan(List.of(usualOrBuiltIn())) : plan);
            }
        }
        return new LogPlans(new ByGateway<>(plan(widest), gateways), collectors);
    }

    private LogSink usualOrBuiltIn() throws FormatException {
        return usual == null ? LogSink.of(defaults.json(), "", defaults.file()) : usual;
    }

    /// Null for as it is usual.
    private @Nullable LogPlan plan(List<Telemetry> said) throws FormatException {
        List<List<AccessLogging>> all = said.stream()
                .map(telemetry -> telemetry.accessLogging().stream()
                        .filter(logging -> logging.mode() != Mode.SERVER)
                        .toList())
                .filter(logging -> !logging.isEmpty())
                .toList();
        if (all.isEmpty() && telemetries.defaultLogs().isEmpty()) {
            return usual == null ? null : new LogPlan(List.of(usual));
        }
        Map<String, LogSink> sinks = new TreeMap<>();
        boolean disabled = false;
        if (all.isEmpty()) {
            for (String provider : defaultProviders) {
                enable(provider, null, sinks);
            }
        }
        Set<String> inScope = inScope(all);
        List<String> parents = defaultProviders;
        for (List<AccessLogging> each : all) {
            for (AccessLogging logging : each) {
                parents = logging.providers().isEmpty() ? parents : logging.providers();
                for (String provider : parents) {
                    if (!inScope.contains(provider)) {
                        continue;
                    }
                    if (logging.disabled()) {
                        disabled = true;
                        sinks.remove(provider);
                    } else {
                        enable(provider, logging.filter(), sinks);
                    }
                }
            }
        }
        if (sinks.isEmpty() && !disabled) {
            // Nothing of what is named can be written to.
            return usual == null ? null : new LogPlan(List.of(usual));
        }
        return new LogPlan(List.copyOf(sinks.values()));
    }

    /// The providers that count: what the narrowest resource that names any has, or those of the mesh.
    private Set<String> inScope(List<List<AccessLogging>> all) {
        Set<String> found = new LinkedHashSet<>(defaultProviders);
        for (List<AccessLogging> each : all) {
            Set<String> named = new LinkedHashSet<>();
            each.forEach(logging -> named.addAll(logging.providers()));
            found = named.isEmpty() ? found : named;
        }
        return found;
    }

    private void enable(String provider, @Nullable String filter, Map<String, LogSink> to) throws FormatException {
        LogSink sink = providers.get(provider);
        LogService service = telemetries.logServices().get(provider);
        if (sink == null && service != null) {
            sink = collector(provider, service);
        }
        if (sink != null) {
            to.put(provider, filter == null ? sink : sink.withFilter(CelExpression.condition(filter)));
        }
    }

    /// Null for a service that is not known.
    private @Nullable LogSink collector(String provider, LogService source) throws FormatException {
        String host = compilation.index().hosts().ofProvider(source.service());
        String cluster = compilation.clusters().requireProvider(host, source.port());
        if (cluster == null) {
            return null;
        }
        collectors.put(
                provider,
                new Collector(
                        provider, cluster, Collector.Protocol.GRPC, host, "", List.of(), Collector.TIMEOUT, false));
        LogSink sink = LogSink.of(source.text(), LogRecords.of(provider, source.logName(), source.labels()));
        providers.put(provider, sink);
        return sink;
    }

    private @Nullable LogSink usual(Collection<MeshConfig> configs) throws FormatException {
        boolean json = defaults.json();
        String template = defaults.template();
        String file = defaults.file();
        boolean said = !template.isEmpty();
        for (MeshConfig config : configs) {
            if (config.accessLogEncoding() != null || !config.accessLogFormat().isEmpty()) {
                json = config.accessLogEncoding() == LogEncoding.JSON;
                template = config.accessLogFormat();
                said = true;
            }
            if (!config.accessLogFile().isEmpty()) {
                file = config.accessLogFile();
                said = true;
            }
        }
        return said ? LogSink.of(json, template, file) : null;
    }
}
