package io.sallyport.compile;

import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.Server;
import io.sallyport.route.HostIndex;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.ServerRef;
import io.sallyport.tls.DownstreamTlsContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes the listeners of all servers of the gateways that this instance serves: one a bound port, whatever the number
/// of servers that share it.
final class ListenerCompiler {
    private static final String ANY_IPV4 = "0.0.0.0";

    private final Compilation compilation;
    private final HttpChainCompiler http;
    private final L4RouteCompiler l4;
    private final ServerTlsCompiler tls;

    ListenerCompiler(Compilation compilation) {
        this.compilation = compilation;
        this.http = new HttpChainCompiler(compilation);
        this.l4 = new L4RouteCompiler(compilation);
        this.tls = new ServerTlsCompiler(compilation);
    }

    Map<BindAddress, ListenerSnapshot> compile() {
        Map<BindAddress, List<GatewayServer>> byBind = new LinkedHashMap<>();
        for (Gateway gateway : compilation.index().selectedGateways()) {
            for (int i = 0; i < gateway.servers().size(); i++) {
                GatewayServer server = GatewayServer.of(gateway, i);
                if (server.server().isOnUnixSocket()) {
                    // The validation has said that it is not served.
                    continue;
                }
                byBind.computeIfAbsent(bindOf(server.server()), _ -> new ArrayList<>())
                        .add(server);
            }
        }
        http.prepare(byBind.values().stream().flatMap(this::httpChains).toList());
        Map<BindAddress, ListenerSnapshot> listeners = new LinkedHashMap<>();
        byBind.forEach((bind, servers) -> {
            ListenerSnapshot listener = listener(bind, servers);
            if (listener != null) {
                listeners.put(bind, listener);
            }
        });
        if (compilation.options().egress().hasMeshListener()) {
            ListenerSnapshot mesh = new MeshListenerCompiler(compilation).compile();
            listeners.put(mesh.bind(), mesh);
        }
        return listeners;
    }

    /// The servers of each chain that takes requests.
    private Stream<List<GatewayServer>> httpChains(List<GatewayServer> servers) {
        if (servers.getFirst().isTls()) {
            return servers.stream().filter(ListenerCompiler::isHttps).map(List::of);
        }
        List<GatewayServer> plain = plain(servers);
        return plain.getFirst().protocol().isPlainHttp() ? Stream.of(plain) : Stream.of();
    }

    private static List<GatewayServer> plain(List<GatewayServer> servers) {
        return servers.stream().filter(server -> !server.isTls()).toList();
    }

    private static boolean isHttps(GatewayServer server) {
        return server.isTls() && server.terminates() && server.protocol() != PortProtocol.TLS;
    }

    private BindAddress bindOf(Server server) {
        String host = server.bind().isEmpty() ? ANY_IPV4 : server.bind();
        return new BindAddress(
                host, compilation.options().bindPort(server.port().number()));
    }

    private @Nullable ListenerSnapshot listener(BindAddress bind, List<GatewayServer> servers) {
        return servers.getFirst().isTls() ? tlsListener(bind, servers) : plainListener(bind, servers);
    }

    /// The servers of a plain-text port share one chain: nothing but the requests' hosts tells them apart.
    private ListenerSnapshot plainListener(BindAddress bind, List<GatewayServer> servers) {
        List<GatewayServer> plain = plain(servers);
        GatewayServer first = plain.getFirst();
        boolean isHttp = first.protocol().isPlainHttp();
        FilterChain.Application application = isHttp ? http.compile(plain) : l4.tcp(plain);
        FilterChain chain = new FilterChain("plain", List.of(), FilterChain.Tls.NONE, null, application, first.ref());
        HostIndex<FilterChain> none = HostIndex.<FilterChain>builder().build();
        return new ListenerSnapshot(
                bind, first.server().port().number(), false, chain, none, Map.of(chain.name(), chain));
    }

    private @Nullable ListenerSnapshot tlsListener(BindAddress bind, List<GatewayServer> servers) {
        HostIndex.Builder<FilterChain> byName = HostIndex.builder();
        Map<String, FilterChain> chains = new LinkedHashMap<>();
        for (GatewayServer server : servers) {
            FilterChain chain = server.isTls() ? tlsChain(server) : null;
            if (chain != null) {
                chain.serverNames().forEach(name -> byName.add(name, chain));
                chains.put(chain.name(), chain);
            }
        }
        if (chains.isEmpty()) {
            return null;
        }
        int port = servers.getFirst().server().port().number();
        return new ListenerSnapshot(bind, port, true, null, byName.build(), chains);
    }

    private FilterChain tlsChain(GatewayServer server) {
        ServerRef ref = server.ref();
        List<String> names = server.hosts();
        String name = server.gateway().meta().qualifiedName() + "/" + server.index();
        if (!server.terminates()) {
            return new FilterChain(name, names, FilterChain.Tls.PASSTHROUGH, null, l4.passthrough(server), ref);
        }
        boolean isHttp = isHttps(server);
        DownstreamTlsContext context = tls.compile(server, isHttp);
        FilterChain.Application application = isHttp ? http.compile(List.of(server)) : l4.tcp(List.of(server));
        return new FilterChain(name, names, FilterChain.Tls.TERMINATE, context, application, ref);
    }
}
