package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.tls.ClientHello;
import io.sallyport.http.tls.ClientHelloReader;
import io.sallyport.policy.EgressPermit;
import io.sallyport.policy.NumericHost;
import java.util.ArrayDeque;
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

    private static final TunnelGate OPEN = new TunnelGate("", Demand.NONE);

    private final String host;
    private final Demand demand;
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(2);
    private final ClientHelloReader reader = new ClientHelloReader();
    private boolean open;

    private TunnelGate(String host, Demand demand) {
        this.host = host;
        this.demand = demand;
        this.open = demand == Demand.NONE;
    }

    /// For a tunnel to the host that this entry of the list lets out.
    static TunnelGate of(EgressPermit permit, String host) {
        Demand demand = Demand.of(permit, host);
        return demand == Demand.NONE ? OPEN : new TunnelGate(host, demand);
    }

    boolean isOpen() {
        return open;
    }

    /// Takes over the bytes.
    ///
    /// @return why they may not pass, in snake_case; null where they may, or more must come
    @Nullable
    String check(ByteBuf data) {
        held.add(data);
        return switch (reader.read(data)) {
            case NEED_MORE -> null;
            case NOT_TLS -> passUnless(demand == Demand.TLS_FOR_THE_HOST, "tunnel_without_tls");
            case TOO_LARGE -> "tunnel_hello_too_large";
            case COMPLETE -> check(reader.hello());
        };
    }

    private @Nullable String check(ClientHello hello) {
        if (hello.encrypted()) {
            return passUnless(demand.hasToBeNamed(), "tunnel_hello_encrypted");
        }
        String forbidden = forbids(demand, host, hello.serverName());
        return passUnless(forbidden != null, String.valueOf(forbidden));
    }

    /// Why TLS with that server name may not go through a tunnel to the host; null where it may.
    ///
    /// @param sni in lower case, or null
    public static @Nullable String forbids(EgressPermit permit, String host, @Nullable String sni) {
        return forbids(Demand.of(permit, host), host, sni);
    }

    private static @Nullable String forbids(Demand demand, String host, @Nullable String sni) {
        if (demand == Demand.NONE) {
            return null;
        }
        if (sni == null) {
            return demand.hasToBeNamed() ? "tunnel_without_sni" : null;
        }
        return sni.equals(host) ? null : "tunnel_sni_differs";
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
