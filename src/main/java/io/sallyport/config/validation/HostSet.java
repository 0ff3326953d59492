package io.sallyport.config.validation;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Hosts with wildcards, to ask whether another host lies within one of them. Takes time by labels, not by hosts.
final class HostSet {
    private final Map<String, String> hosts = new HashMap<>();

    HostSet(Collection<String> hosts) {
        hosts.forEach(this::add);
    }

    boolean isEmpty() {
        return hosts.isEmpty();
    }

    private void add(String host) {
        hosts.putIfAbsent(host.toLowerCase(Locale.ROOT), host);
    }

    /// The host of this set that the given one equals or lies within, or null.
    @Nullable
    String covering(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        String found = hosts.get(name);
        return found == null ? coveringOther(name) : found;
    }

    /// As [#covering], but for the host itself.
    @Nullable
    String coveringOther(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.equals("*")) {
            return null;
        }
        // Of a wildcard its own dot is passed over: it would find the wildcard itself.
        int from = name.startsWith("*.") ? 2 : 0;
        for (int dot = name.indexOf('.', from); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            String found = hosts.get("*" + name.substring(dot));
            if (found != null) {
                return found;
            }
        }
        return hosts.get("*");
    }
}
