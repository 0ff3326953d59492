package io.sallyport.config.index;

import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.model.ExtensionProvider;
import io.sallyport.config.model.ExtensionProvider.FileLog;
import io.sallyport.config.model.ExtensionProvider.LogService;
import io.sallyport.config.model.ExtensionProvider.OpenTelemetry;
import io.sallyport.config.model.MeshConfig;
import io.sallyport.config.model.Telemetry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Telemetries, and which of them mean this instance and its Gateways.
public final class TelemetryIndex {
    /// The provider that needs no entry in MeshConfig: what it says of the access log itself, or what the settings do.
    public static final String BUILT_IN_LOG = "envoy";

    /// The provider that shows metrics, which needs no entry either.
    public static final String PROMETHEUS = "prometheus";

    private final List<Telemetry> all;
    private final PolicyIndex policies;
    private final Map<String, OpenTelemetry> providers = new LinkedHashMap<>();
    private @Nullable String defaultProvider;
    private final Map<String, FileLog> fileLogs = new LinkedHashMap<>();
    private final Map<String, LogService> logServices = new LinkedHashMap<>();
    private List<String> defaultLogs = List.of();

    /// @param policies knows whom a selector means
    TelemetryIndex(Collection<Telemetry> telemetries, Collection<MeshConfig> meshConfigs, PolicyIndex policies) {
        this.policies = policies;
        all = telemetries.stream()
                .sorted(Comparator.comparing((Telemetry each) -> each.meta().namespace())
                        .thenComparing(MergeOrder.OLDEST_FIRST))
                .toList();
        for (MeshConfig config : meshConfigs) {
            for (ExtensionProvider provider : config.extensionProviders()) {
                if (provider.openTelemetry() != null) {
                    providers.putIfAbsent(provider.name(), provider.openTelemetry());
                }
                if (provider.fileLog() != null) {
                    fileLogs.putIfAbsent(provider.name(), provider.fileLog());
                }
                if (provider.logService() != null) {
                    logServices.putIfAbsent(provider.name(), provider.logService());
                }
            }
            if (!config.tracingProviders().isEmpty()) {
                defaultProvider = config.tracingProviders().getFirst();
            }
            defaultLogs = config.logProviders().isEmpty() ? defaultLogs : config.logProviders();
        }
    }

    /// By namespace, then the oldest first.
    public List<Telemetry> all() {
        return all;
    }

    /// Those that may get spans, by their names.
    public Map<String, OpenTelemetry> providers() {
        return Collections.unmodifiableMap(providers);
    }

    /// The one that gets spans where no Telemetry names one; null for none.
    public @Nullable String defaultProvider() {
        return defaultProvider;
    }

    /// Files of the access log that MeshConfig names, by the names of their providers.
    public Map<String, FileLog> fileLogs() {
        return Collections.unmodifiableMap(fileLogs);
    }

    /// Services that take records of the access log, likewise.
    public Map<String, LogService> logServices() {
        return Collections.unmodifiableMap(logServices);
    }

    /// The providers that get the log where no Telemetry names one; empty where MeshConfig does not say it.
    public List<String> defaultLogs() {
        return defaultLogs;
    }

    /// Whether a provider of that name gets the access log.
    public boolean isLog(String provider) {
        return provider.equals(BUILT_IN_LOG) || fileLogs.containsKey(provider) || logServices.containsKey(provider);
    }

    /// Those for this instance, the widest first: of the root namespace, of its own, by its labels. Of several with the
    /// same reach the oldest counts, else the first by name.
    public List<Telemetry> ofInstance() {
        List<Telemetry> found = new ArrayList<>();
        addFirst(found, each -> each.selector() == null && policies.isRoot(each));
        addFirst(found, each -> each.selector() == null && !policies.isRoot(each));
        addFirst(found, each -> each.selector() != null && policies.isRoot(each));
        addFirst(found, each -> each.selector() != null && !policies.isRoot(each));
        return found;
    }

    private interface Reach {
        boolean includes(Telemetry telemetry);
    }

    private void addFirst(List<Telemetry> to, Reach reach) {
        all.stream()
                .filter(each -> policies.selectsInstance(each) && reach.includes(each))
                .findFirst()
                .ifPresent(to::add);
    }

    /// Those that are attached to Gateways, by the Gateways' `namespace/name`; the first by name for each.
    public Map<String, Telemetry> ofGateways() {
        Map<String, Telemetry> found = new LinkedHashMap<>();
        for (Telemetry each : all) {
            for (TargetRef target : each.targets()) {
                if (target.kind().equals("Gateway")) {
                    found.putIfAbsent(each.meta().namespace() + "/" + target.name(), each);
                }
            }
        }
        return found;
    }
}
