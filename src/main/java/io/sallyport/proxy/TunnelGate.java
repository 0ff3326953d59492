package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.tls.ClientHello;
import io.sallyport.http.tls.ClientHelloReader;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads the first bytes that a client sends through a tunnel, and lets them pass when they are for the host that the
/// tunnel was asked for: a list of names would mean nothing if a tunnel to one could carry TLS for another.
final class TunnelGate {
    /// What a client's first bytes must be.
    private enum Demand {
        TLS_FOR_THE_HOST,
        TLS_FOR_THE_HOST_OR_NO_TLS,
        NO_TLS_FOR_ANOTHER_HOST,
        NONE
    }

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

    /// Nothing but TLS for the host may pass.
    static TunnelGate tls(String host) {
        return new TunnelGate(host, Demand.TLS_FOR_THE_HOST);
    }

    /// Anything may pass but TLS that does not say it is for the host.
    static TunnelGate anyProtocol(String host) {
        return new TunnelGate(host, Demand.TLS_FOR_THE_HOST_OR_NO_TLS);
    }

    /// Anything may pass but TLS that says it is for another host.
    static TunnelGate lenient(String host) {
        return new TunnelGate(host, Demand.NO_TLS_FOR_ANOTHER_HOST);
    }

    static TunnelGate open() {
        return new TunnelGate("", Demand.NONE);
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
        String name = hello.serverName();
        boolean strict = demand != Demand.NO_TLS_FOR_ANOTHER_HOST;
        if (hello.encrypted()) {
            return passUnless(strict, "tunnel_hello_encrypted");
        }
        if (name == null) {
            return passUnless(strict, "tunnel_without_sni");
        }
        return passUnless(!name.equals(host), "tunnel_sni_differs");
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
