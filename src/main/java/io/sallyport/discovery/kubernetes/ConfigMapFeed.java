package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One ConfigMap, whose keys are files.
final class ConfigMapFeed {
    private final ObjectFeed<ConfigMap> feed;
    private volatile @Nullable Map<String, byte[]> files;
    private boolean changed;

    /// @param name `namespace/name`
    ConfigMapFeed(ApiServer server, String name, Runnable onChange) {
        int slash = name.indexOf('/');
        feed = new ObjectFeed<>(
                server,
                new ObjectFeed.Kind<>(
                        "ConfigMap " + name,
                        ObjectPath.core("configmaps", name.substring(0, slash), name.substring(slash + 1)),
                        ConfigMap.class),
                ObjectFeed.Refusal.NONE,
                () -> {},
                new ObjectFeed.Reader<>((_, map) -> put(map), _ -> set(null)),
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

    private synchronized void set(@Nullable Map<String, byte[]> read) {
        Map<String, byte[]> before = files;
        files = read;
        changed |= !isSame(before, read);
    }

    private static boolean isSame(@Nullable Map<String, byte[]> before, @Nullable Map<String, byte[]> read) {
        return before != null
                && read != null
                && before.keySet().equals(read.keySet())
                && read.entrySet().stream().allMatch(file -> Arrays.equals(file.getValue(), before.get(file.getKey())));
    }

    /// By key; null where there is no such ConfigMap.
    @Nullable
    Map<String, byte[]> files() {
        return files;
    }

    /// Whether it has changed since the last call.
    synchronized boolean publish() {
        boolean news = changed;
        changed = false;
        return news;
    }
}
