package io.sallyport.tunnel;

import io.sallyport.egress.EgressDenial;
import io.sallyport.egress.EgressPermit;
import io.sallyport.egress.EgressRequest;
import io.sallyport.net.HostName;
import io.sallyport.outcome.EgressFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Workload;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Checks what mesh clients ask for against the egress list: requests, tunnels and connections by SNI, for `explain`
/// too. No name is resolved before it has been admitted.
public final class MeshAdmission {
    /// The port that a client means who only names a server.
    public static final int HTTPS = 443;

    private MeshAdmission() {}

    /// What a mesh client asks for.
    ///
    /// @param host as [io.sallyport.net.HostName#host()] gives it
    /// @param tunnel false for a request, true where bytes are to be relayed
    /// @param encrypted the bytes are TLS as far as is known, so a denial suggests a port of TLS
    public record Asked(String host, int port, boolean tunnel, boolean encrypted) {
        public static Asked request(String host, int port) {
            return new Asked(host, port, false, false);
        }

        public static Asked tunnel(HostName to) {
            return new Asked(to.host(), to.port(), true, to.port() == HTTPS);
        }

        EgressPermit.Kind kind() {
            return tunnel ? (encrypted ? EgressPermit.Kind.TLS : EgressPermit.Kind.TCP) : EgressPermit.Kind.HTTP;
        }

        EgressFacts facts() {
            return new EgressFacts(host, port, kind().name(), null, null, null);
        }
    }

    /// @throws ProxyException 403 where the host is not on the list, or not for this
    public static MeshHost admit(MeshRoutes routes, Asked asked, RequestFacts facts) throws ProxyException {
        facts.egress = asked.facts();
        MeshHost host = routes.find(asked.host(), asked.port());
        if (host == null || (!asked.tunnel() && host.http() == null)) {
            throw denied(routes, asked, facts);
        }
        facts.egress =
                facts.egress.permitted(host.permit().resource(), host.permit().host());
        return host;
    }

    /// For a client that was sent here by the network, not by its own settings: its ClientHello says where it wants to
    /// go.
    ///
    /// @param sni in lower case, or null
    /// @param encrypted the server name may be a decoy
    /// @throws ProxyException 403 where the name is not on the list, or there is none to go by; nobody can read it
    public static MeshHost admitServerName(
            MeshRoutes routes, @Nullable String sni, boolean encrypted, RequestFacts facts) throws ProxyException {
        if (sni == null || encrypted) {
            throw ProxyException.denied(encrypted ? "egress_hello_encrypted" : "egress_no_server_name", "");
        }
        MeshHost host = admit(routes, new Asked(sni, HTTPS, true, true), facts);
        if (host.permit().kind() == EgressPermit.Kind.HTTP) {
            throw denied(routes, new Asked(sni, HTTPS, true, true), facts);
        }
        return host;
    }

    /// The route of a listed host's bytes. Its VirtualServices may know it by another of its names than the client.
    ///
    /// @param sni what TLS is for, or the host that a tunnel was asked for; null where neither is a name
    /// @param destination the address that the client connected to, or null where it did not by itself
    /// @throws ProxyException 404 where there is none
    public static L4Route route(
            MeshHost host,
            @Nullable String sni,
            @Nullable InetSocketAddress destination,
            @Nullable InetSocketAddress source,
            Workload client)
            throws ProxyException {
        EgressPermit permit = host.permit();
        boolean renamed = sni != null
                && !sni.equals(permit.host())
                && !permit.host().startsWith("*")
                && host.names().isEmpty();
        String name = permit.kind() == EgressPermit.Kind.TCP ? null : sni;
        String fullName = renamed && name != null ? permit.host() : null;
        return required(L4Route.choose(host.bytes(), name, fullName, destination, source, client));
    }

    /// @throws ProxyException 404 where there is none
    static L4Route required(@Nullable L4Route route) throws ProxyException {
        if (route == null) {
            throw ProxyException.gateway(ResponseFlag.NR, "route_not_found");
        }
        return route;
    }

    /// Whether the list as it is now lets out what it did before, and watches over its bytes in no other way.
    ///
    /// @param facts of what was admitted
    /// @param before what its entry said of the port then
    public static boolean stillAdmits(
            FilterChain.@Nullable Application now, RequestFacts facts, EgressPermit.Kind before) {
        if (!(now instanceof FilterChain.Mesh(MeshRoutes routes)) || facts.egress.host() == null) {
            return false;
        }
        MeshHost host = routes.find(facts.egress.host(), facts.egress.port());
        if (host == null) {
            return false;
        }
        EgressPermit.Kind kind = host.permit().kind();
        boolean asRequest = before == EgressPermit.Kind.HTTP && host.http() != null;
        return asRequest || kind == before || kind == EgressPermit.Kind.TCP;
    }

    private static ProxyException denied(MeshRoutes routes, Asked asked, RequestFacts facts) {
        EgressRequest request = new EgressRequest(
                asked.host(),
                asked.port(),
                asked.kind(),
                facts.client.principal(),
                BytesContext.address(facts.client.remote()));
        EgressDenial denial = EgressDenial.of(request, routes.list());
        facts.egress = facts.egress.denied(denial.line());
        return ProxyException.denied(denial.reason().details(), denial.explanation());
    }
}
