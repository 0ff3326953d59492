package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.sallyport.egress.EgressPermit;
import io.sallyport.net.NumericHost;
import io.sallyport.route.HostIndex;
import io.sallyport.tls.ClientHello;
import io.sallyport.tls.ClientHelloReader;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads the first bytes that a client sends through a tunnel, and lets them pass when they are for the host that the
/// tunnel was asked for: a list of names would mean nothing if a tunnel to one could carry TLS for another.
public final class TunnelGate {
    /// What a client's first bytes must be.
    private enum Demand {
        TLS_FOR_THE_HOST,
        TLS_FOR_THE_HOST_OR_NO_TLS,
        NO_TLS_FOR_ANOTHER_HOST,
        NONE;

        /// Of a port of no known protocol, a ServiceEntry's list of names still holds for TLS, in which only addresses
        /// are not named (RFC 6066, 3). Where nothing in particular is listed, a hidden name hides nothing.
        static Demand of(EgressPermit permit, String host) {
            return switch (permit.kind()) {
                case TLS -> TLS_FOR_THE_HOST;
                case ANY ->
                    permit.port() == 0 || NumericHost.spelling(host) != NumericHost.Spelling.NAME
                            ? NO_TLS_FOR_ANOTHER_HOST
                            : TLS_FOR_THE_HOST_OR_NO_TLS;
                case TCP, HTTP -> NONE;
            };
        }

        boolean hasToBeNamed() {
            return this == TLS_FOR_THE_HOST || this == TLS_FOR_THE_HOST_OR_NO_TLS;
        }
    }

    private final Named named;
    private final Demand demand;
    private final boolean looksForRequests;
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(2);
    private final ClientHelloReader reader = new ClientHelloReader();
    private final RequestLine line = new RequestLine();
    private boolean open;
    private boolean request;

    private TunnelGate(Named named, Demand demand, boolean looksForRequests) {
        this.named = named;
        this.demand = demand;
        this.looksForRequests = looksForRequests;
        this.open = demand == Demand.NONE && !looksForRequests;
    }

    /// What TLS in the tunnel may be for.
    ///
    /// @param host that the tunnel was asked for
    /// @param names of the services that it stands for, where it is an address: `*.suffix` or exact
    public record Named(String host, List<String> names) {
        public Named {
            names = List.copyOf(names);
        }

        boolean admits(String sni) {
            return sni.equals(host) || names.stream().anyMatch(name -> HostIndex.holds(name, sni));
        }
    }

    /// For a tunnel to the host that this entry of the list lets out.
    ///
    /// @param looksForRequests whether the tunnel is to be watched for plain HTTP
    static TunnelGate of(EgressPermit permit, Named named, boolean looksForRequests) {
        return new TunnelGate(named, Demand.of(permit, named.host()), looksForRequests);
    }

    boolean isOpen() {
        return open;
    }

    /// Whether it opens to nothing but TLS.
    boolean needsHello() {
        return demand == Demand.TLS_FOR_THE_HOST;
    }

    /// Takes over the bytes.
    ///
    /// @return why they may not pass, in snake_case; null where they may, or more must come
    @Nullable
    String check(ByteBuf data) {
        held.add(data);
        if (looksForRequests) {
            line.read(data);
        }
        return switch (reader.read(data)) {
            case NEED_MORE -> null;
            case NOT_TLS -> plain();
            case TOO_LARGE -> "tunnel_hello_too_large";
            case COMPLETE -> check(reader.hello());
        };
    }

    /// The client sends no more.
    void end() {
        if (!open && looksForRequests && line.end() == RequestLine.Result.REQUEST) {
            request = true;
            open = true;
        }
    }

    private @Nullable String check(ClientHello hello) {
        if (hello.encrypted()) {
            return passUnless(demand.hasToBeNamed(), "tunnel_hello_encrypted");
        }
        String forbidden = forbids(demand, named, hello.serverName());
        return passUnless(forbidden != null, String.valueOf(forbidden));
    }

    private @Nullable String plain() {
        if (demand == Demand.TLS_FOR_THE_HOST) {
            return "tunnel_without_tls";
        }
        switch (looksForRequests ? line.result() : RequestLine.Result.OTHER) {
            case NEED_MORE -> {}
            case BLANK -> {
                return "tunnel_begins_with_blank_lines";
            }
            case REQUEST -> {
                request = true;
                open = true;
            }
            case OTHER -> open = true;
        }
        return null;
    }

    /// Whether plain HTTP came, once it is open.
    boolean isRequest() {
        return request;
    }

    /// The name that TLS is for, once it is open; null where there is none, or no TLS.
    @Nullable
    String serverName() {
        return reader.isComplete() && !reader.hello().encrypted()
                ? reader.hello().serverName()
                : null;
    }

    /// Why TLS with that server name may not go through a tunnel to the host; null where it may.
    ///
    /// @param sni in lower case, or null
    public static @Nullable String forbids(EgressPermit permit, Named named, @Nullable String sni) {
        return forbids(Demand.of(permit, named.host()), named, sni);
    }

    private static @Nullable String forbids(Demand demand, Named named, @Nullable String sni) {
        if (demand == Demand.NONE) {
            return null;
        }
        if (sni == null) {
            return demand.hasToBeNamed() ? "tunnel_without_sni" : null;
        }
        return named.admits(sni) ? null : "tunnel_sni_differs";
    }

    private @Nullable String passUnless(boolean forbidden, String details) {
        open = !forbidden;
        return forbidden ? details : null;
    }

    /// Hands over what was held.
    void drainTo(Consumer<ByteBuf> next) {
        for (ByteBuf data = held.poll(); data != null; data = held.poll()) {
            next.accept(data);
        }
    }

    void release() {
        held.forEach(ByteBuf::release);
        held.clear();
    }
}
