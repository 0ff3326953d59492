package io.sallyport.admin;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/// What the admin API shows of the gateway. Called on worker threads, several at a time. Nothing that it returns may
/// hold a private key, a token or a secret.
public interface AdminView {
    /// The generation that is served, when it came into force, and the problems of the last reload that was refused.
    JsonObject status();

    /// The whole configuration that is served.
    JsonObject configDump();

    /// What has become of each resource: `generation`, `resources`, `problems` and `unboundListeners`.
    ///
    /// @param faultsOnly without the resources that are served as their files have them
    JsonObject resources(boolean faultsOnly);

    /// An object for each listener.
    JsonArray listeners();

    /// Each cluster, with its endpoints and counters.
    Listing<?> clusters();

    /// Requests and connections that have ended, the newest first; as many as a setting says.
    Listing<?> requests();

    /// Each route, by listener and host.
    Listing<?> routes();

    /// Each AuthorizationPolicy, with how often it denied.
    Listing<?> policies();

    /// The egress list with how it was used, what was learned and what was denied.
    JsonObject egress();

    /// The entries of the egress list, with how they were used.
    Listing<?> egressEntries();

    /// What the egress list denied, what was denied last before the rest.
    Listing<?> egressDenied();

    /// Who the gateway is in the mesh, and which authorities it trusts.
    JsonObject identity();

    /// Each certificate in use: of servers, of the gateway itself, and of the authorities that peers are verified by.
    Listing<?> certificates();

    /// When event loops last came late to what was due.
    JsonObject stalls();

    /// Explains a request, as `explain -o json` does.
    ///
    /// @param parameters `url` or `connect` (`host:port`), and optionally `via` (`mesh`), `method`, `header`
    ///     (`name:value`, any number), `sni`, `port`, `principal`, `sourceIp`
    /// @throws IllegalArgumentException if they are not understood; its message is for the user
    JsonObject explain(MultiMap parameters);
}
