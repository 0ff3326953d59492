package io.sallyport.config.analysis;

import io.sallyport.config.model.Server;
import io.sallyport.config.model.ServerTlsSettings;

/// What a server does with a connection, and so which routes it takes.
enum ServerKind {
    /// Plain HTTP: `http` routes.
    HTTP("http"),
    /// TLS that ends here, HTTP within: `http` routes.
    HTTPS("http"),
    /// TLS that ends here, anything within: `tcp` routes.
    TERMINATED_TLS("tcp"),
    /// TLS that goes through: `tls` routes.
    PASSTHROUGH("tls"),
    /// TLS whose SNI names the destination itself: no routes.
    AUTO_PASSTHROUGH(""),
    /// `tcp` routes.
    TCP("tcp");

    private final String routes;

    ServerKind(String routes) {
        this.routes = routes;
    }

    /// The field of a VirtualService whose routes apply; `""` for none.
    String routes() {
        return routes;
    }

    /// The first bytes of a connection are TLS, so servers are told apart by SNI.
    boolean isTls() {
        return this != HTTP && this != TCP;
    }

    static ServerKind of(Server server) {
        ServerTlsSettings tls = server.tls();
        if (server.port().protocol().isPlainHttp()) {
            return HTTP;
        }
        if (tls == null) {
            // HTTPS and TLS without settings are refused elsewhere; here they only must not look like plain text.
            return server.port().protocol().isTls() ? PASSTHROUGH : TCP;
        }
        return switch (tls.mode()) {
            case PASSTHROUGH -> PASSTHROUGH;
            case AUTO_PASSTHROUGH -> AUTO_PASSTHROUGH;
            case SIMPLE, MUTUAL, ISTIO_MUTUAL, OPTIONAL_MUTUAL ->
                switch (server.port().protocol()) {
                    case HTTPS -> HTTPS;
                    default -> TERMINATED_TLS;
                };
        };
    }
}
