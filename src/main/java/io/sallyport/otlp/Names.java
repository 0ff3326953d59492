package io.sallyport.otlp;

import io.opentelemetry.api.common.AttributeKey;

/// Names of attributes: OpenTelemetry's semantic conventions for HTTP and gRPC, and those that Envoy and Istio's
/// proxies give spans (Envoy `http_tracer_impl.cc`; Istio `pilot/pkg/networking/core/tracing.go`).
final class Names {
    static final AttributeKey<String> REQUEST_METHOD = text("http.request.method");
    static final AttributeKey<String> ROUTE = text("http.route");
    static final AttributeKey<Long> STATUS_CODE = number("http.response.status_code");
    static final AttributeKey<Long> RESEND_COUNT = number("http.request.resend_count");
    static final AttributeKey<Long> REQUEST_BODY_SIZE = number("http.request.body.size");
    static final AttributeKey<Long> RESPONSE_BODY_SIZE = number("http.response.body.size");
    static final AttributeKey<String> URL_FULL = text("url.full");
    static final AttributeKey<String> URL_PATH = text("url.path");
    static final AttributeKey<String> URL_QUERY = text("url.query");
    static final AttributeKey<String> URL_SCHEME = text("url.scheme");
    static final AttributeKey<String> SERVER_ADDRESS = text("server.address");
    static final AttributeKey<Long> SERVER_PORT = number("server.port");
    static final AttributeKey<String> CLIENT_ADDRESS = text("client.address");
    static final AttributeKey<String> PEER_ADDRESS = text("network.peer.address");
    static final AttributeKey<Long> PEER_PORT = number("network.peer.port");
    static final AttributeKey<String> PROTOCOL_NAME = text("network.protocol.name");
    static final AttributeKey<String> PROTOCOL_VERSION = text("network.protocol.version");
    static final AttributeKey<String> USER_AGENT = text("user_agent.original");
    static final AttributeKey<String> ERROR_TYPE = text("error.type");
    static final AttributeKey<String> RPC_SYSTEM = text("rpc.system");
    static final AttributeKey<Long> RPC_STATUS = number("rpc.grpc.status_code");

    static final AttributeKey<String> COMPONENT = text("component");
    static final AttributeKey<String> REQUEST_ID = text("guid:x-request-id");
    static final AttributeKey<String> CLIENT_TRACE_ID = text("guid:x-client-trace-id");
    static final AttributeKey<String> HTTP_METHOD = text("http.method");
    static final AttributeKey<String> HTTP_URL = text("http.url");
    static final AttributeKey<String> HTTP_PROTOCOL = text("http.protocol");
    static final AttributeKey<String> HTTP_STATUS_CODE = text("http.status_code");
    static final AttributeKey<String> ENVOY_USER_AGENT = text("user_agent");
    static final AttributeKey<String> ENVOY_PEER = text("peer.address");
    static final AttributeKey<String> DOWNSTREAM_CLUSTER = text("downstream_cluster");
    static final AttributeKey<String> REQUEST_SIZE = text("request_size");
    static final AttributeKey<String> RESPONSE_SIZE = text("response_size");
    static final AttributeKey<String> RESPONSE_FLAGS = text("response_flags");
    static final AttributeKey<String> RESPONSE_CODE_DETAILS = text("response_code_details");
    static final AttributeKey<String> UPSTREAM_CLUSTER = text("upstream_cluster");
    static final AttributeKey<String> UPSTREAM_CLUSTER_NAME = text("upstream_cluster.name");
    static final AttributeKey<String> UPSTREAM_ADDRESS = text("upstream_address");
    static final AttributeKey<String> GRPC_STATUS_CODE = text("grpc.status_code");
    static final AttributeKey<String> ERROR = text("error");

    static final AttributeKey<String> CANONICAL_SERVICE = text("istio.canonical_service");
    static final AttributeKey<String> CANONICAL_REVISION = text("istio.canonical_revision");
    static final AttributeKey<String> NAMESPACE = text("istio.namespace");
    static final AttributeKey<String> MESH_ID = text("istio.mesh_id");
    static final AttributeKey<String> CLUSTER_ID = text("istio.cluster_id");
    static final AttributeKey<String> DRY_RUN_RESULT = text("istio.authorization.dry_run.deny_policy.result");
    /// Of a resource, beside its access log (Envoy `open_telemetry/access_log_impl.cc`).
    static final AttributeKey<String> LOG_NAME = text("log_name");
    static final AttributeKey<String> DRY_RUN_NAME = text("istio.authorization.dry_run.deny_policy.name");

    private Names() {}

    private static AttributeKey<String> text(String name) {
        return AttributeKey.stringKey(name);
    }

    private static AttributeKey<Long> number(String name) {
        return AttributeKey.longKey(name);
    }
}
