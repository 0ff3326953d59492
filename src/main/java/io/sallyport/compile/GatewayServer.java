package io.sallyport.compile;

import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.index.ServerHost;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.Server;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.snapshot.ServerRef;
import java.util.List;

/// A server with the gateway it stands in.
///
/// @param index its place in `Gateway.servers`
/// @param ref its name
record GatewayServer(Gateway gateway, Server server, int index, ServerRef ref) {

    static GatewayServer of(Gateway gateway, int index) {
        Server server = gateway.servers().get(index);
        String name = server.name().isEmpty() ? server.port().name() : server.name();
        ServerRef ref = new ServerRef(
                gateway.meta().qualifiedName(), index, name, server.port().number());
        return new GatewayServer(gateway, server, index, ref);
    }

    /// Whether these are the same servers of the same Gateways.
    @SuppressWarnings("ReferenceEquality") // A Gateway that was read anew is another.
    static boolean areSame(List<GatewayServer> some, List<GatewayServer> others) {
        if (some.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < some.size(); i++) {
            if (some.get(i).gateway != others.get(i).gateway || some.get(i).index != others.get(i).index) {
                return false;
            }
        }
        return true;
    }

    PortProtocol protocol() {
        return server.port().protocol();
    }

    boolean isTls() {
        return protocol().isTls();
    }

    /// Whether TLS ends here. A server on a TLS port without settings means PASSTHROUGH, the mode's zero value.
    boolean terminates() {
        ServerTlsSettings tls = server.tls();
        return tls != null && tls.mode().terminates();
    }

    boolean isAutoPassthrough() {
        ServerTlsSettings tls = server.tls();
        return tls != null && tls.mode() == ServerTlsSettings.Mode.AUTO_PASSTHROUGH;
    }

    boolean httpsRedirect() {
        ServerTlsSettings tls = server.tls();
        return tls != null && tls.httpsRedirect();
    }

    /// The host patterns without their namespaces, in lower case.
    List<String> hosts() {
        return server.hosts().stream()
                .map(host -> ServerHost.parse(host, gateway.meta().namespace()).host())
                .distinct()
                .toList();
    }

    RoutePlace place(InstanceScope scope) {
        return new RoutePlace(gateway.meta().qualifiedName(), server.port().number(), isTls(), scope);
    }

    /// The path of one of the server's fields, for messages.
    String field(String name) {
        return "spec.servers[" + index + "]" + (name.isEmpty() ? "" : "." + name);
    }
}
