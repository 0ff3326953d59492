package io.sallyport.cli.settings;

import io.quarkus.runtime.configuration.MemorySize;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.http.HttpLimits;
import java.util.LinkedHashMap;
import java.util.Map;

/// Settings in the types of the parts that use them. For checked settings only.
public final class SettingsView {
    private SettingsView() {}

    /// The instance's labels; empty where none are set.
    public static Map<String, String> labels(Settings settings) {
        var labels = new LinkedHashMap<String, String>();
        for (String label : settings.labels().orElseGet(java.util.List::of)) {
            int equals = label.indexOf('=');
            labels.put(
                    label.substring(0, equals).strip(),
                    label.substring(equals + 1).strip());
        }
        return labels;
    }

    /// Ports to bind, by the port of the Gateway server.
    public static Map<Integer, Integer> portMap(Settings settings) {
        var ports = new LinkedHashMap<Integer, Integer>();
        settings.portMap().forEach((named, bound) -> ports.put(Integer.valueOf(named), Integer.valueOf(bound)));
        return ports;
    }

    public static InstanceScope scope(Settings settings) {
        return new InstanceScope(
                settings.namespace(), settings.rootNamespace(), settings.clusterDomain(), labels(settings));
    }

    public static HttpLimits httpLimits(LimitSettings limits) {
        return new HttpLimits(
                bytes(limits.targetBytes()),
                bytes(limits.headBytes()),
                limits.headerFields(),
                limits.bodyBytes().asLongValue(),
                limits.headTimeout(),
                limits.bodyTimeout(),
                limits.idleTimeout(),
                limits.writeTimeout(),
                limits.concurrentStreams(),
                bytes(limits.streamWindowBytes()),
                bytes(limits.connectionWindowBytes()),
                limits.requestsPerConnection());
    }

    private static int bytes(MemorySize size) {
        return Math.toIntExact(size.asLongValue());
    }
}
