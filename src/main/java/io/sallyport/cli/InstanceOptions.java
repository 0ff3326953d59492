package io.sallyport.cli;

import io.sallyport.config.index.InstanceScope;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The process settings that decide what a configuration means, for commands that read one without serving it. Each has
/// the value that `serve` would take from the environment or from a system property, unless it is given.
public final class InstanceOptions {
    private static final int HEALTH_PORT = 15021;
    private static final int ADMIN_PORT = 15000;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            description =
                    "Namespace of this gateway and of documents without one (sallyport.namespace; ${DEFAULT-VALUE}).",
            defaultValue = "${sys:sallyport.namespace:-${env:SALLYPORT_NAMESPACE:-default}}")
    private String namespace = InstanceScope.DEFAULT_NAMESPACE;

    @Option(
            names = "--cluster-domain",
            paramLabel = "DOMAIN",
            description = "Suffix of mesh services' names (sallyport.cluster-domain; ${DEFAULT-VALUE}).",
            defaultValue = "${sys:sallyport.cluster-domain:-${env:SALLYPORT_CLUSTER_DOMAIN:-cluster.local}}")
    private String clusterDomain = InstanceScope.DEFAULT_CLUSTER_DOMAIN;

    @Option(
            names = "--labels",
            paramLabel = "KEY=VALUE,...",
            description = "Labels that Gateway selectors are matched with (sallyport.labels); without any, all match.",
            defaultValue = "${sys:sallyport.labels:-${env:SALLYPORT_LABELS:-}}")
    private String labels = "";

    @Option(
            names = "--port-map",
            paramLabel = "PORT=BOUND",
            split = ",",
            description = "Ports bound in place of those of Gateways (sallyport.port-map.PORT).")
    private Map<Integer, Integer> portMap = Map.of();

    @Option(
            names = "--health-port",
            paramLabel = "PORT",
            hidden = true,
            defaultValue = "${sys:sallyport.health.port:-${env:SALLYPORT_HEALTH_PORT:-15021}}")
    private int healthPort = HEALTH_PORT;

    @Option(
            names = "--admin-port",
            paramLabel = "PORT",
            hidden = true,
            defaultValue = "${sys:sallyport.admin.port:-${env:SALLYPORT_ADMIN_PORT:-15000}}")
    private int adminPort = ADMIN_PORT;

    InstanceScope scope() {
        return new InstanceScope(namespace, InstanceScope.DEFAULT_ROOT_NAMESPACE, clusterDomain, parsedLabels());
    }

    Map<Integer, Integer> portMap() {
        return portMap;
    }

    /// Ports that the process itself takes, and what for.
    Map<Integer, String> reservedPorts() {
        Map<Integer, String> reserved = new LinkedHashMap<>();
        reserved.put(healthPort, "health");
        reserved.put(adminPort, "admin");
        return reserved;
    }

    private Map<String, String> parsedLabels() {
        Map<String, String> parsed = new LinkedHashMap<>();
        for (String pair : labels.isBlank() ? new String[0] : labels.split(",", -1)) {
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                throw new ParameterException(
                        spec.commandLine(), "--labels: \"" + pair + "\" is not key=value (sallyport.labels)");
            }
            parsed.put(
                    pair.substring(0, equals).strip(),
                    pair.substring(equals + 1).strip());
        }
        return parsed;
    }
}
