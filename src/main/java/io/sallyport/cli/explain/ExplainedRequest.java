package io.sallyport.cli.explain;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The request that is asked about.
///
/// @param port the Gateway's port number
/// @param tls whether the client speaks TLS
/// @param sni the ClientHello's server name; null: the host, unless that is an address
/// @param host as in the Host field, with its port where it has one
/// @param path with the query
/// @param headers names in any case
/// @param principal the client's verified identity, or null
/// @param sourceIp the client's address
public record ExplainedRequest(
        int port,
        boolean tls,
        @Nullable String sni,
        String host,
        String method,
        String path,
        Map<String, String> headers,
        @Nullable String principal,
        String sourceIp) {

    public ExplainedRequest {
        headers = Map.copyOf(headers);
    }
}
