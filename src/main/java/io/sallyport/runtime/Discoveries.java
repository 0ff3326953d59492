package io.sallyport.runtime;

import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.ObjectFiles;
import io.sallyport.config.SourceFile;
import io.sallyport.config.source.ConfigurationFiles;
import io.sallyport.discovery.MeshDiscovery;
import io.sallyport.discovery.kubernetes.KubernetesClients;
import io.sallyport.discovery.kubernetes.KubernetesDiscovery;
import io.sallyport.identity.SecretContent;
import io.sallyport.runtime.settings.DiscoverySettings;
import io.sallyport.runtime.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes what asks the cluster, where the settings want it. Where they do not, nothing of it is even loaded.
final class Discoveries {
    private Discoveries() {}

    static @Nullable MeshDiscovery of(Settings settings) {
        DiscoverySettings discovery = settings.discovery();
        return discovery.kubernetes()
                        || discovery.configMap().isPresent()
                        || discovery.secrets()
                        || discovery.resources()
                ? new KubernetesDiscovery(
                        KubernetesClients.standard(),
                        discovery.kubernetes(),
                        discovery.configMap().orElse(null),
                        discovery.secrets() ? SecretContent.KEYS : Set.of(),
                        discovery.resources())
                : null;
    }

    /// The directory, or the ConfigMap that stands in for it, and what is beside it.
    static ConfigurationFiles files(Settings settings, LoadOptions options, @Nullable MeshDiscovery discovery) {
        ConfigurationFiles files = filesAlone(settings, options, discovery);
        boolean directory = settings.discovery().configMap().isEmpty();
        return discovery == null || !settings.discovery().resources()
                ? files
                : new ObjectFiles(
                        files,
                        () -> directory && Files.notExists(settings.config().dir()),
                        discovery::resources,
                        options);
    }

    private static ConfigurationFiles filesAlone(
            Settings settings, LoadOptions options, @Nullable MeshDiscovery discovery) {
        String name = settings.discovery().configMap().orElse(null);
        if (name == null || discovery == null) {
            Path directory = settings.config().dir();
            return new ConfigurationLoader(directory, options);
        }
        String place = "configmap " + name;
        return _ -> ConfigurationLoader.load(place, sources(place, discovery.configMap()), options);
    }

    private static @Nullable List<SourceFile> sources(String place, @Nullable Map<String, byte[]> files) {
        return files == null
                ? null
                : files.entrySet().stream()
                        .map(file -> new SourceFile(place + ": " + file.getKey(), file.getValue()))
                        .toList();
    }
}
