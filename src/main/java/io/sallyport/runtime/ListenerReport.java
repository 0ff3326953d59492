package io.sallyport.runtime;

import io.sallyport.listener.ListenerSet;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The listeners for the admin API: those that are bound, with their figures, and those that cannot be.
final class ListenerReport {
    private ListenerReport() {}

    /// An object for each listener of the configuration that is served.
    static JsonArray of(
            Collection<ListenerSnapshot> listeners,
            Collection<ListenerSet.Status> figures,
            Collection<ListenerRetry.Unbound> unbound) {
        Map<BindAddress, ListenerSet.Status> byAddress = new LinkedHashMap<>();
        figures.forEach(status -> byAddress.put(status.address(), status));
        Map<BindAddress, ListenerRetry.Unbound> missing = new LinkedHashMap<>();
        unbound.forEach(each -> missing.put(each.address(), each));
        JsonArray rows = new JsonArray();
        for (ListenerSnapshot listener : listeners) {
            rows.add(row(listener, byAddress.get(listener.bind()), missing.get(listener.bind())));
        }
        return rows;
    }

    private static JsonObject row(
            ListenerSnapshot listener, ListenerSet.@Nullable Status status, ListenerRetry.@Nullable Unbound missing) {
        JsonArray chains = new JsonArray();
        listener.all().forEach(chain -> chains.add(chain(chain)));
        return new JsonObject()
                .put("bind", listener.bind().toString())
                .put("port", listener.port())
                .put("bound", status != null)
                .put("because", missing == null ? null : missing.because())
                .put("since", missing == null ? null : missing.since().toString())
                .put("activeConnections", status == null ? 0 : status.activeConnections())
                .put("acceptedConnections", status == null ? 0 : status.acceptedConnections())
                .put("shedConnections", status == null ? 0 : status.shedConnections())
                .put("filterChains", chains);
    }

    private static JsonObject chain(FilterChain chain) {
        return new JsonObject()
                .put("name", chain.name())
                .put("server", chain.server().toString())
                .put("serverNames", new JsonArray(List.copyOf(chain.serverNames())))
                .put("tls", chain.tls().name())
                .put(
                        "certificates",
                        chain.context() == null
                                ? new JsonArray()
                                : new JsonArray(chain.context().spec().credentials().stream()
                                        .map(Object::toString)
                                        .toList()));
    }

    /// Those that cannot be bound: `bind`, `because` and `since`.
    static JsonArray unbound(Collection<ListenerRetry.Unbound> unbound) {
        JsonArray rows = new JsonArray();
        unbound.forEach(each -> rows.add(new JsonObject()
                .put("bind", each.address().toString())
                .put("because", each.because())
                .put("since", each.since().toString())));
        return rows;
    }
}
