package io.sallyport.upstream;

import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The pools of one cluster and protocol on one event loop, by endpoint and, where TLS names the host that is sent, by
/// it: a connection that was verified for one name must not carry another's requests. Looking one up allocates
/// nothing.
final class PoolTable {
    private final IdentityHashMap<Endpoint, Map<String, Pool>> pools = new IdentityHashMap<>();

    @Nullable
    Pool get(Endpoint endpoint, String host) {
        Map<String, Pool> byHost = pools.get(endpoint);
        return byHost == null ? null : byHost.get(host);
    }

    void put(Endpoint endpoint, String host, Pool pool) {
        pools.computeIfAbsent(endpoint, each -> new HashMap<>(4)).put(host, pool);
    }

    void forEach(Consumer<Pool> action) {
        pools.values().forEach(byHost -> byHost.values().forEach(action));
    }

    /// Tells each pool whether its endpoint is still to be used.
    void retire(EndpointSet current) {
        IdentityHashMap<Endpoint, Boolean> present = new IdentityHashMap<>(current.size());
        current.asList().forEach(endpoint -> present.put(endpoint, true));
        pools.forEach((endpoint, byHost) -> {
            boolean gone = !present.containsKey(endpoint);
            byHost.values().forEach(pool -> pool.retire(gone));
        });
    }

    /// Has one pool close an idle connection.
    ///
    /// @return false where none is idle
    boolean yieldIdle() {
        for (Map<String, Pool> byHost : pools.values()) {
            for (Pool pool : byHost.values()) {
                if (pool.yieldIdle()) {
                    return true;
                }
            }
        }
        return false;
    }

    void removeEmpty() {
        pools.values().forEach(byHost -> byHost.values().removeIf(Pool::isEmpty));
        pools.values().removeIf(Map::isEmpty);
    }

    boolean isEmpty() {
        return pools.isEmpty();
    }
}
