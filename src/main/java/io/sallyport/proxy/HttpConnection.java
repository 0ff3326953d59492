package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.egress.EgressPermit;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.identity.ForwardedClientCert;
import io.sallyport.jwt.LastToken;
import io.sallyport.net.HostName;
import io.sallyport.outcome.ClientFacts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.WorkloadNames;
import io.sallyport.policy.Caller;
import io.sallyport.route.PathNormalizer;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.Workload;
import io.sallyport.tls.DownstreamTlsContext;
import io.sallyport.tunnel.MeshAdmission;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One downstream connection that carries requests, as they know it.
///
/// It remembers the filter chain that took it by name. Every request looks the chain up in the snapshot that is current
/// when it begins, so that a connection kept alive meets new routes at once.
final class HttpConnection {
    final ProxyLoop loop;
    final ConnectionInfo info;
    final int port;
    /// The same for all of its requests.
    final ClientFacts facts;
    final AsciiString peerAddress;
    final Via via;
    final BindAddress bind;
    final String chainName;
    /// The TLS that the client was let in by; null for plain text.
    private final @Nullable DownstreamTlsContext admission;
    /// That, or the TLS that has been found to trust the client, too.
    private @Nullable DownstreamTlsContext trustedBy;

    /// Of the mesh listener, whose clients name hosts outside.
    final boolean mesh;
    final LastToken lastToken = new LastToken();
    private final @Nullable HostName tunnel;
    /// What the last request has named; most name it again.
    private @Nullable String authority;

    private @Nullable HostName host;
    private @Nullable AsciiString clientCert;
    private @Nullable Snapshot seen;
    private @Nullable ListenerSnapshot listener;
    private @Nullable FilterChain chain;
    /// Whether that chain would let the client in as well.
    private boolean trusted;

    private @Nullable Workload workload;
    private @Nullable WorkloadNames source;
    private @Nullable Caller caller;

    /// @param port the Gateway's port number
    HttpConnection(ProxyLoop loop, ConnectionInfo info, BindAddress bind, FilterChain chain, int port) {
        this(
                loop,
                info,
                bind,
                chain.name(),
                chain.context(),
                port,
                chain.application() instanceof FilterChain.Mesh,
                null);
    }

    private HttpConnection(
            ProxyLoop loop,
            ConnectionInfo info,
            BindAddress bind,
            String chainName,
            @Nullable DownstreamTlsContext admission,
            int port,
            boolean mesh,
            @Nullable HostName tunnel) {
        this.loop = loop;
        this.info = info;
        this.bind = bind;
        this.chainName = chainName;
        this.admission = admission;
        this.trustedBy = admission;
        this.port = port;
        this.facts = facts(info, port);
        this.mesh = mesh;
        this.tunnel = tunnel;
        this.peerAddress = ForwardedHeaders.peerAddress(info);
        this.via = loop.via(bind.port());
    }

    private static ClientFacts facts(ConnectionInfo info, int port) {
        ConnectionInfo.Tls tls = info.tls();
        return new ClientFacts(
                info.remote(),
                null,
                info.local(),
                tls == null ? null : tls.sni(),
                tls == null ? null : tls.peerIdentity(),
                tls != null,
                tls != null && tls.peerCertificate() != null,
                port);
    }

    /// What is said within a tunnel that this connection opened.
    ///
    /// @param to the host and port that the client asked the tunnel for: its requests must name no other
    HttpConnection within(HostName to) {
        return new HttpConnection(loop, info, bind, chainName, admission, port, true, to);
    }

    /// What a request's authority names.
    HostName host(String named) {
        if (host == null || !named.equals(authority)) {
            host = HostName.parse(named);
            authority = named;
        }
        return host;
    }

    /// As authorization policies see the client.
    Caller caller() {
        if (caller == null) {
            ConnectionInfo.Tls tls = info.tls();
            caller = Caller.of(
                    tls == null ? null : tls.peerCertificate(),
                    info.peer(),
                    info.remote(),
                    info.local(),
                    tls == null ? null : tls.sni());
        }
        return caller;
    }

    /// How the paths of its requests are read.
    PathNormalizer paths() {
        return mesh ? loop.settings.paths().mesh() : loop.settings.paths().gateway();
    }

    /// The port that is bound.
    int boundPort() {
        return bind.port();
    }

    /// The host and port that the tunnel of this connection leads to; null outside of tunnels.
    @Nullable
    HostName tunnel() {
        return tunnel;
    }

    /// What this connection's chain does in that snapshot, or null where the chain is gone.
    FilterChain.@Nullable Application application(Snapshot snapshot) {
        if (snapshot != seen) {
            seen = snapshot;
            listener = snapshot.listeners().get(bind);
            chain = listener == null ? null : listener.chains().get(chainName);
            trusted = chain == null || isTrustedBy(chain);
            workload = null;
        }
        return chain == null ? null : chain.application();
    }

    private boolean isTrustedBy(FilterChain now) {
        boolean still = now.stillTrusts(
                trustedBy, info.tls() == null ? List.of() : info.tls().peerChain());
        if (still) {
            trustedBy = now.context();
        }
        return still;
    }

    /// Whether that snapshot's list lets out what it did before; true on other listeners, which have none.
    ///
    /// @param before what the list said of the port then
    boolean isListed(Snapshot current, RequestFacts facts, EgressPermit.Kind before) {
        return !mesh || MeshAdmission.stillAdmits(application(current), facts, before);
    }

    /// The workload at the other end, as that snapshot knows it.
    Workload workload(Snapshot snapshot, MeshRoutes routes) {
        if (workload == null || snapshot != seen) {
            workload = routes.workloads().of(info);
            source = workload.names(info.tls() == null ? null : info.tls().peerIdentity());
        }
        return workload;
    }

    /// What the log calls that workload; null where nothing is known of it.
    @Nullable
    WorkloadNames source() {
        return source;
    }

    /// Whether the client must ask again on another connection, because its chain asks other things of it since the
    /// handshake, or nobody vouches for its certificate any more.
    boolean isDistrusted(Snapshot snapshot) {
        return application(snapshot) != null && !trusted;
    }

    /// Whether the client must ask again on another connection, because it is distrusted here or another filter chain
    /// owns the host.
    boolean isMisdirected(Snapshot snapshot, String host) {
        return isDistrusted(snapshot)
                || (application(snapshot) instanceof FilterChain.Http
                        && listener != null
                        && chain != null
                        && listener.otherOwner(chain, host) != null);
    }

    /// Whether the peer is trusted to have requests sampled by other headers than those of a trace: a client of the
    /// mesh, a proxy whose `X-Forwarded-*` fields are believed, whoever has shown a verified certificate.
    boolean mayForceTraces() {
        return mesh
                || loop.settings.trustedHops() > 0
                || (info.tls() != null && info.tls().peerCertificate() != null);
    }

    /// The x-forwarded-client-cert element of the client's verified certificate, empty where the setting adds
    /// none; null where there is no certificate.
    @Nullable
    AsciiString clientCert() {
        if (clientCert == null && info.tls() != null && info.tls().peerCertificate() != null) {
            ClientCertForwarding forwarding = loop.settings.clientCert();
            clientCert = forwarding.mode().says()
                    ? new AsciiString(ForwardedClientCert.element(
                            info.tls().peerChain(),
                            admission == null ? List.of() : admission.ownUris(),
                            forwarding.fields()))
                    : AsciiString.EMPTY_STRING;
        }
        return clientCert;
    }
}
