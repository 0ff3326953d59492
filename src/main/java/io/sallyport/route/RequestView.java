package io.sallyport.route;

import io.netty.util.AsciiString;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What matching may read of a request. Implementations answer from what they already hold: every method may be
/// called several times for one look-up.
public interface RequestView {
    /// The host of [io.sallyport.net.HostName#host()]: lower case, without port and trailing dot.
    String host();

    /// What conditions on the Host or `:authority` are about: [#host()], with the port that the client named where it
    /// is neither the scheme's own nor the listener's, so that no other spelling of an address escapes a condition.
    String authority();

    /// [#host()] with whatever port the client named.
    default String namedAuthority() {
        return authority();
    }

    /// The path of [PathNormalizer]: canonical, begins with `/`, without the query.
    String path();

    /// What follows the first `?` of the request target, not decoded; null without a `?`.
    @Nullable
    String query();

    String method();

    /// `http` or `https`.
    String scheme();

    /// The number of the Gateway server's port, which may differ from the port that is bound.
    int port();

    /// The values of a header field, joined by `,` where it is repeated; null where it is absent. As in Envoy's header
    /// map, `:method`, `:scheme`, `:authority` and `:path` are fields, too, the last with the query, and `host` is
    /// another name of `:authority`. `upgrade` is there where the connection may be switched.
    @Nullable
    CharSequence header(AsciiString lowerCaseName);

    /// The texts of a claim of the token that was verified; empty where there are none.
    default List<String> claim(List<String> path) {
        return List.of();
    }

    /// The namespace of the caller's workload; null where it is unknown.
    @Nullable
    String sourceNamespace();

    /// The labels of the caller's workload; empty where they are unknown.
    Map<String, String> sourceLabels();
}
