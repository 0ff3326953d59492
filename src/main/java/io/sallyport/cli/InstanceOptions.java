package io.sallyport.cli;

import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsException;
import io.sallyport.runtime.settings.SettingsLoader;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The process settings that decide what a configuration means, for commands that read one without serving it. What is
/// not given on the command line is what `serve` would take from system properties, the environment or a file.
public final class InstanceOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            description = "Namespace of this gateway and of documents without one (sallyport.namespace).")
    private @Nullable String namespace;

    @Option(
            names = "--cluster-domain",
            paramLabel = "DOMAIN",
            description = "Suffix of mesh services' names (sallyport.cluster-domain).")
    private @Nullable String clusterDomain;

    @Option(
            names = "--labels",
            paramLabel = "KEY=VALUE,...",
            description = "Labels that Gateway selectors are matched with (sallyport.labels); without any, all match.")
    private @Nullable String labels;

    @Option(
            names = "--locality",
            paramLabel = "PLACE",
            description = "Where this gateway stands, region/zone/subzone (sallyport.locality).")
    private @Nullable String locality;

    @Option(
            names = "--port-map",
            paramLabel = "PORT=BOUND",
            split = ",",
            description = "Ports bound in place of those of Gateways (sallyport.port-map.PORT).")
    private Map<Integer, Integer> portMap = new LinkedHashMap<>();

    /// The settings of the process with the given ones over them.
    ///
    /// @throws ParameterException with every problem of the settings
    Settings settings() {
        return settings(Map.of());
    }

    /// @param defaults of the command, which those given on its line outweigh
    Settings settings(Map<String, String> defaults) {
        Map<String, String> given = new HashMap<>(defaults);
        put(given, "sallyport.namespace", namespace);
        put(given, "sallyport.cluster-domain", clusterDomain);
        put(given, "sallyport.labels", labels);
        put(given, "sallyport.locality", locality);
        portMap.forEach((port, bound) -> given.put("sallyport.port-map." + port, Integer.toString(bound)));
        try {
            return SettingsLoader.load(given);
        } catch (SettingsException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage(), wrong);
        }
    }

    private static void put(Map<String, String> given, String key, @Nullable String value) {
        if (value != null) {
            given.put(key, value);
        }
    }
}
