package io.sallyport.otlp;

import java.util.HashSet;
import java.util.Set;

/// Names of attributes: OpenTelemetry's semantic conventions for HTTP and gRPC, and those that Envoy and Istio's
/// proxies give spans (Envoy `http_tracer_impl.cc`; Istio `pilot/pkg/networking/core/tracing.go`).
final class Names {
    private static final Set<String> ALL = new HashSet<>();

    static final AttributeName REQUEST_METHOD = name("http.request.method");
    static final AttributeName ROUTE = name("http.route");
    static final AttributeName STATUS_CODE = name("http.response.status_code");
    static final AttributeName RESEND_COUNT = name("http.request.resend_count");
    static final AttributeName REQUEST_BODY_SIZE = name("http.request.body.size");
    static final AttributeName RESPONSE_BODY_SIZE = name("http.response.body.size");
    static final AttributeName URL_FULL = name("url.full");
    static final AttributeName URL_PATH = name("url.path");
    static final AttributeName URL_QUERY = name("url.query");
    static final AttributeName URL_SCHEME = name("url.scheme");
    static final AttributeName SERVER_ADDRESS = name("server.address");
    static final AttributeName SERVER_PORT = name("server.port");
    static final AttributeName CLIENT_ADDRESS = name("client.address");
    static final AttributeName PEER_ADDRESS = name("network.peer.address");
    static final AttributeName PEER_PORT = name("network.peer.port");
    static final AttributeName PROTOCOL_NAME = name("network.protocol.name");
    static final AttributeName PROTOCOL_VERSION = name("network.protocol.version");
    static final AttributeName USER_AGENT = name("user_agent.original");
    static final AttributeName ERROR_TYPE = name("error.type");
    static final AttributeName RPC_SYSTEM = name("rpc.system");
    static final AttributeName RPC_STATUS = name("rpc.grpc.status_code");

    static final AttributeName COMPONENT = name("component");
    static final AttributeName REQUEST_ID = name("guid:x-request-id");
    static final AttributeName CLIENT_TRACE_ID = name("guid:x-client-trace-id");
    static final AttributeName HTTP_METHOD = name("http.method");
    static final AttributeName HTTP_URL = name("http.url");
    static final AttributeName HTTP_PROTOCOL = name("http.protocol");
    static final AttributeName HTTP_STATUS_CODE = name("http.status_code");
    static final AttributeName ENVOY_USER_AGENT = name("user_agent");
    static final AttributeName ENVOY_PEER = name("peer.address");
    static final AttributeName DOWNSTREAM_CLUSTER = name("downstream_cluster");
    static final AttributeName REQUEST_SIZE = name("request_size");
    static final AttributeName RESPONSE_SIZE = name("response_size");
    static final AttributeName RESPONSE_FLAGS = name("response_flags");
    static final AttributeName RESPONSE_CODE_DETAILS = name("response_code_details");
    static final AttributeName UPSTREAM_CLUSTER = name("upstream_cluster");
    static final AttributeName UPSTREAM_CLUSTER_NAME = name("upstream_cluster.name");
    static final AttributeName UPSTREAM_ADDRESS = name("upstream_address");
    static final AttributeName GRPC_STATUS_CODE = name("grpc.status_code");
    static final AttributeName ERROR = name("error");

    static final AttributeName CANONICAL_SERVICE = name("istio.canonical_service");
    static final AttributeName CANONICAL_REVISION = name("istio.canonical_revision");
    static final AttributeName NAMESPACE = name("istio.namespace");
    static final AttributeName MESH_ID = name("istio.mesh_id");
    static final AttributeName CLUSTER_ID = name("istio.cluster_id");
    static final AttributeName DRY_RUN_RESULT = name("istio.authorization.dry_run.deny_policy.result");
    static final AttributeName DRY_RUN_NAME = name("istio.authorization.dry_run.deny_policy.name");

    private Names() {}

    private static AttributeName name(String text) {
        AttributeName name = new AttributeName(text);
        ALL.add(text);
        return name;
    }

    /// Whether it is one of these.
    static boolean isKnown(String name) {
        return ALL.contains(name);
    }
}
