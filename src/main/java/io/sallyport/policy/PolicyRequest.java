package io.sallyport.policy;

import io.netty.util.AsciiString;
import io.sallyport.jwt.Claims;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a policy's conditions are about: a request, or a connection whose bytes are relayed, which has no more than its
/// [Caller] and port.
public interface PolicyRequest {
    Caller caller();

    /// The `destination.port`: the port that is bound, or the endpoint's where the policy is for endpoints.
    int policyPort();

    /// The `remote.ip`: the client's address as far as trusted hops or the PROXY protocol vouch for it.
    @Nullable
    InetSocketAddress remote();

    String method();

    /// Canonical, without query.
    String path();

    /// The paths that servers may see in [#path], which is the first.
    default List<String> pathReadings() {
        return PathReadings.of(path());
    }

    /// The port that a client means who names none: the Gateway server's number, or on the mesh listener the scheme's.
    int port();

    /// The authority as the client sent it, with its port.
    String sentAuthority();

    /// The authority's host in its canonical form: lower case, without port and trailing dot.
    String host();

    /// Of the token that was verified for those whom the policies are for.
    default Claims claims() {
        return Claims.NONE;
    }

    /// The values of a header field, joined by `,`; null where it is absent.
    @Nullable
    CharSequence header(AsciiString lowerCaseName);
}
