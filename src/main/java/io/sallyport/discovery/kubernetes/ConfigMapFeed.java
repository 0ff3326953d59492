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
    ConfigMapFeed(KubernetesClient client, String name, Runnable onChange) {
        int slash = name.indexOf('/');
        feed = new ObjectFeed<>(
                "ConfigMap " + name,
                ObjectFeed.Refusal.NONE,
                () -> {},
                client.configMaps().inNamespace(name.substring(0, slash)).withName(name.substring(slash + 1)),
                new ObjectFeed.Reader<>(UnaryOperator.identity(), this::put, _ -> set(null)),
                onChange);
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

    /// Whether it has changed since the last call.
    boolean publish() {
        boolean news = changed;
        changed = false;
        return news;
    }
}
