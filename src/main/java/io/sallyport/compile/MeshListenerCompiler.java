package io.sallyport.compile;

import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.identity.PeerModes;
import io.sallyport.route.HostIndex;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.ServerRef;
import io.sallyport.tls.DownstreamTlsContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes the mesh listener: one chain for what comes in plain text and by SNI and, where the proxy port itself speaks
/// TLS, one for what comes within that.
final class MeshListenerCompiler {
    private static final String ANY_IPV4 = "0.0.0.0";
    private static final String PLAIN = "mesh";
    private static final String SECURED = "mesh/tls";
    private static final List<String> ANY_NAME = List.of("*");

    private final Compilation compilation;

    MeshListenerCompiler(Compilation compilation) {
        this.compilation = compilation;
    }

    ListenerSnapshot compile() {
        EgressOptions egress = compilation.options().egress();
        FilterChain.Mesh application = new FilterChain.Mesh(new MeshCompiler(compilation).compile());
        ServerRef server = new ServerRef(GatewayReference.MESH, 0, PLAIN, egress.port());
        EgressOptions.MeshTls tls = tls(egress);
        Map<String, FilterChain> chains = new LinkedHashMap<>();
        FilterChain plain = new FilterChain(PLAIN, List.of(), FilterChain.Tls.NONE, null, application, server);
        boolean plainTextToo = tls == null || !tls.required();
        if (plainTextToo) {
            chains.put(PLAIN, plain);
        }
        HostIndex.Builder<FilterChain> byName = HostIndex.builder();
        if (tls != null) {
            String name = egress.tls() == null ? ListenerSnapshot.MESH_TLS : SECURED;
            FilterChain secured = secured(name, tls, application, server);
            chains.put(name, secured);
            tls.names().forEach(each -> byName.add(each, secured));
        }
        return new ListenerSnapshot(
                new BindAddress(ANY_IPV4, egress.port()),
                egress.port(),
                false,
                plainTextToo ? plain : null,
                byName.build(),
                chains);
    }

    /// What the settings ask for, and PeerAuthentication beside them: the port is never laxer than either.
    private EgressOptions.@Nullable MeshTls tls(EgressOptions egress) {
        EgressOptions.MeshTls ofSettings = egress.tls();
        PeerModes.Mode mode = compilation.peers().ofInstance(egress.port());
        if (mode == null || mode == PeerModes.Mode.DISABLE) {
            return ofSettings;
        }
        boolean strict = mode == PeerModes.Mode.STRICT;
        if (ofSettings == null) {
            boolean taken = strict || compilation.credentials().hasIdentity();
            return taken
                    ? new EgressOptions.MeshTls(
                            "", ServerTlsSettings.Mode.ISTIO_MUTUAL, strict ? ANY_NAME : List.of(), strict)
                    : null;
        }
        return strict
                ? new EgressOptions.MeshTls(
                        ofSettings.credentialName(),
                        ofSettings.mode() == ServerTlsSettings.Mode.ISTIO_MUTUAL
                                ? ofSettings.mode()
                                : ServerTlsSettings.Mode.MUTUAL,
                        ANY_NAME,
                        true)
                : ofSettings;
    }

    private FilterChain secured(
            String name, EgressOptions.MeshTls tls, FilterChain.Application application, ServerRef server) {
        Credentials.Asker asker = new Credentials.Asker(
                compilation.options().scope().namespace(), Position.of("settings"), "sallyport.mesh.tls");
        DownstreamTlsContext context =
                new ServerTlsCompiler(compilation).compile(settings(tls, asker.at()), asker, true);
        if (context == null && compilation.options().secrets() != null) {
            compilation
                    .credentials()
                    .report(
                            ProblemCode.UNUSABLE_CREDENTIAL,
                            asker,
                            "the proxy port has no certificate, or no authorities to verify clients by",
                            "put them into the secret, or mount the identity; until then its own TLS is refused");
        }
        return new FilterChain(name, tls.names(), FilterChain.Tls.TERMINATE, context, application, server);
    }

    private static ServerTlsSettings settings(EgressOptions.MeshTls tls, Position at) {
        return new ServerTlsSettings(
                false,
                tls.mode(),
                "",
                "",
                "",
                "",
                tls.credentialName(),
                List.of(),
                "",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                ServerTlsSettings.TlsProtocol.TLS_AUTO,
                ServerTlsSettings.TlsProtocol.TLS_AUTO,
                List.of(),
                null,
                at);
    }
}
