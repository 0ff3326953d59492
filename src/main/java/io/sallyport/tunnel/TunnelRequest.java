package io.sallyport.tunnel;

import io.netty.util.AsciiString;
import io.sallyport.http.RequestHead;
import io.sallyport.net.HostName;
import io.sallyport.policy.Caller;
import io.sallyport.policy.PolicyRequest;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// A tunnel as authorization policies see it: the CONNECT request that asks for it, or no more than a connection.
///
/// @param policyPort the port that is bound, or the endpoint's where endpoints' policies are asked
/// @param connect null where the bytes come by themselves
public record TunnelRequest(
        Caller caller, int policyPort, @Nullable RequestHead connect) implements PolicyRequest {
    /// What goes to this port of an endpoint.
    public TunnelRequest to(int endpointPort) {
        return new TunnelRequest(caller, endpointPort, connect);
    }

    @Override
    public @Nullable InetSocketAddress remote() {
        return caller.remote();
    }

    @Override
    public String method() {
        return connect == null ? "" : connect.method;
    }

    /// CONNECT has none (RFC 9110, 9.3.6).
    @Override
    public String path() {
        return "";
    }

    @Override
    public int port() {
        return connect == null ? policyPort : HostName.parse(connect.authority).port();
    }

    @Override
    public String sentAuthority() {
        return connect == null ? "" : connect.authority;
    }

    @Override
    public String host() {
        return connect == null ? "" : HostName.parse(connect.authority).host();
    }

    @Override
    public @Nullable CharSequence header(AsciiString lowerCaseName) {
        if (connect == null) {
            return null;
        }
        return switch (lowerCaseName.toString()) {
            case ":method" -> connect.method;
            case ":authority", "host" -> connect.authority;
            case ":path", ":scheme" -> null;
            default -> connect.headers.joined(lowerCaseName);
        };
    }
}
