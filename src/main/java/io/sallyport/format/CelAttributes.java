package io.sallyport.format;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The attributes of requests that expressions may name (Envoy, "Attributes"), by the operators that stand for them.
final class CelAttributes {
    private static final Map<String, String> OPERATORS = operators();

    private CelAttributes() {}

    private static Map<String, String> operators() {
        Map<String, String> all = new HashMap<>();
        all.put("request.path", "REQ(:PATH)");
        all.put("request.url_path", "PATH(NQ)");
        all.put("request.query", "QUERY_PARAMS");
        all.put("request.host", "REQ(:AUTHORITY)");
        all.put("request.method", "REQ(:METHOD)");
        all.put("request.id", "STREAM_ID");
        all.put("request.protocol", "PROTOCOL");
        all.put("request.referer", "REQ(REFERER)");
        all.put("request.useragent", "REQ(USER-AGENT)");
        all.put("request.size", "BYTES_RECEIVED");
        all.put("response.code", "RESPONSE_CODE");
        all.put("response.code_details", "RESPONSE_CODE_DETAILS");
        all.put("response.grpc_status", "GRPC_STATUS_NUMBER");
        all.put("response.size", "BYTES_SENT");
        all.put("source.address", "DOWNSTREAM_REMOTE_ADDRESS");
        all.put("source.port", "DOWNSTREAM_REMOTE_PORT");
        all.put("source.principal", "DOWNSTREAM_PEER_URI_SAN");
        all.put("destination.address", "DOWNSTREAM_LOCAL_ADDRESS");
        all.put("destination.port", "DOWNSTREAM_LOCAL_PORT");
        all.put("connection.id", "CONNECTION_ID");
        all.put("connection.requested_server_name", "REQUESTED_SERVER_NAME");
        all.put("connection.tls_version", "DOWNSTREAM_TLS_VERSION");
        all.put("connection.subject_peer_certificate", "DOWNSTREAM_PEER_SUBJECT");
        all.put("connection.dns_san_peer_certificate", "DOWNSTREAM_PEER_DNS_SAN");
        all.put("connection.uri_san_peer_certificate", "DOWNSTREAM_PEER_URI_SAN");
        all.put("connection.sha256_peer_certificate_digest", "DOWNSTREAM_PEER_FINGERPRINT_256");
        all.put("upstream.address", "UPSTREAM_HOST");
        all.put("upstream.port", "UPSTREAM_REMOTE_PORT");
        all.put("upstream.local_address", "UPSTREAM_LOCAL_ADDRESS");
        all.put("upstream.transport_failure_reason", "UPSTREAM_TRANSPORT_FAILURE_REASON");
        all.put("upstream.uri_san_peer_certificate", "UPSTREAM_PEER_URI_SAN");
        all.put("upstream.uri_san_local_certificate", "UPSTREAM_LOCAL_URI_SAN");
        all.put("upstream.request_attempt_count", "UPSTREAM_REQUEST_ATTEMPT_COUNT");
        all.put("xds.cluster_name", "UPSTREAM_CLUSTER");
        all.put("xds.route_name", "ROUTE_NAME");
        all.put("xds.filter_chain_name", "FILTER_CHAIN_NAME");
        return Map.copyOf(all);
    }

    /// Without percent signs; null for an attribute that is not known.
    static @Nullable String operator(String attribute) {
        return OPERATORS.get(attribute);
    }

    /// The operator of a map of fields, `request.headers` and the like; null for what is none.
    static @Nullable String fields(String attribute) {
        return switch (attribute) {
            case "request.headers" -> "REQ";
            case "response.headers" -> "RESP";
            case "response.trailers" -> "TRAILER";
            default -> null;
        };
    }

    /// Those that begin with the same word; all where there are none.
    static String alike(String attribute) {
        String word = attribute.substring(0, Math.max(0, attribute.indexOf('.') + 1));
        TreeSet<String> found = new TreeSet<>();
        for (String each : OPERATORS.keySet()) {
            if (each.startsWith(word)) {
                found.add(each);
            }
        }
        return String.join(", ", found.isEmpty() ? new TreeSet<>(OPERATORS.keySet()) : found);
    }
}
