package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One ConfigMap, whose keys are files.
final class ConfigMapFeed {
    private final ObjectFeed<ConfigMap> feed;
    private volatile @Nullable Map<String, byte[]> files;
    private volatile boolean changed;

    /// @param name `namespace/name`
    ConfigMapFeed(KubernetesClient client, String name, Runnable told) {
        int slash = name.indexOf('/');
        feed = new ObjectFeed<>(
                "ConfigMap " + name,
                false,
                client.configMaps().inNamespace(name.substring(0, slash)).withName(name.substring(slash + 1)),
                new ObjectReader<>(UnaryOperator.identity(), this::put, _ -> set(null)),
                told);
    }

    ObjectFeed<ConfigMap> feed() {
        return feed;
    }

    private void put(ConfigMap map) {
        Map<String, byte[]> read = new TreeMap<>();
        if (map.getData() != null) {
            map.getData().forEach((key, text) -> read.put(key, text.getBytes(StandardCharsets.UTF_8)));
        }
        if (map.getBinaryData() != null) {
            map.getBinaryData()
                    .forEach((key, text) -> read.put(key, Base64.getDecoder().decode(text)));
        }
        set(read);
    }

    private void set(@Nullable Map<String, byte[]> read) {
        files = read;
        changed = true;
    }

    /// By key; null where there is no such ConfigMap.
    @Nullable
    Map<String, byte[]> files() {
        return files;
    }

    /// Whether it was told since the last time.
    boolean publish() {
        boolean told = changed;
        changed = false;
        return told;
    }
}
