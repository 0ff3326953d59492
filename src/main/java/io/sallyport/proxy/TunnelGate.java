package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.tls.ClientHello;
import io.sallyport.http.tls.ClientHelloReader;
import io.sallyport.policy.EgressPermit;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads the first bytes that a client sends through a tunnel, and lets them pass when they are for the host that the
/// tunnel was asked for: a list of names would mean nothing if a tunnel to one could carry TLS for another.
public final class TunnelGate {
    private final String host;
    private final boolean strict;
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(2);
    private final ClientHelloReader reader = new ClientHelloReader();
    private boolean open;

    private TunnelGate(String host, boolean strict, boolean open) {
        this.host = host;
        this.strict = strict;
        this.open = open;
    }

    /// Nothing but TLS for the host may pass.
    static TunnelGate strict(String host) {
        return new TunnelGate(host, true, false);
    }

    /// Anything may pass but TLS for another host.
    static TunnelGate lenient(String host) {
        return new TunnelGate(host, false, false);
    }

    static TunnelGate open() {
        return new TunnelGate("", false, true);
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
            case NOT_TLS -> passUnless(strict, "tunnel_without_tls");
            case TOO_LARGE -> "tunnel_hello_too_large";
            case COMPLETE -> check(reader.hello());
        };
    }

    private @Nullable String check(ClientHello hello) {
        if (hello.encrypted()) {
            return passUnless(strict, "tunnel_hello_encrypted");
        }
        String forbidden = forbids(strict, host, hello.serverName());
        return passUnless(forbidden != null, String.valueOf(forbidden));
    }

    /// Why TLS with that server name may not go through a tunnel to the host; null where it may.
    ///
    /// @param sni in lower case, or null
    public static @Nullable String forbids(EgressPermit.Kind kind, String host, @Nullable String sni) {
        return kind == EgressPermit.Kind.TCP ? null : forbids(kind == EgressPermit.Kind.TLS, host, sni);
    }

    private static @Nullable String forbids(boolean strict, String host, @Nullable String sni) {
        if (sni == null) {
            return strict ? "tunnel_without_sni" : null;
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
