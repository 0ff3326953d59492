package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// An object a line with the keys of Istio's default JSON access log; `null` for what is not there, numbers as
/// numbers. Lines of the mesh listener have `egress_host` and `egress_permit` as well, those of requests that
/// were sent more than once `upstream_request_attempt_count` (Envoy's %UPSTREAM_REQUEST_ATTEMPT_COUNT%). Where
/// they are known, `connection_security_policy` of a client that speaks TLS, `source_…` and
/// `destination_principal` and `…_workload`. `policy_trial` is what a policy on trial would have denied the
/// request with, `policy_audit` the AUDIT policy that it matched, `ext_authz_provider` the external authorizer that
/// was asked about it. Where tracing is configured there is the `trace_id`, and the `span_id` of what is reported.
final class IstioJsonFormat implements AccessLogFormatter {
    private final StartTime startTime = new StartTime();

    @Override
    public void format(RequestFacts facts, LineBuffer out) {
        out.put("{\"start_time\":\"");
        startTime.write(facts.startMillis, out);
        out.put('"');
        text(out, "method", facts.method);
        text(out, "path", facts.path);
        text(out, "protocol", facts.protocol);
        number(out, "response_code", facts.status);
        text(out, "response_flags", facts.flags());
        text(out, "response_code_details", facts.details);
        text(out, "connection_termination_details", null);
        text(out, "upstream_transport_failure_reason", facts.transportFailure);
        number(out, "bytes_received", facts.bytesReceived);
        number(out, "bytes_sent", facts.bytesSent);
        number(out, "duration", TimeUnit.NANOSECONDS.toMillis(facts.durationNanos));
        if (facts.upstreamServiceNanos < 0) {
            text(out, "upstream_service_time", null);
        } else {
            number(out, "upstream_service_time", TimeUnit.NANOSECONDS.toMillis(facts.upstreamServiceNanos));
        }
        text(out, "x_forwarded_for", facts.forwardedFor);
        text(out, "user_agent", facts.userAgent);
        text(out, "request_id", facts.requestId);
        text(out, "authority", facts.authority);
        text(out, "upstream_host", facts.endpoint.address());
        text(out, "upstream_cluster", facts.destination.cluster());
        address(out, "upstream_local_address", facts.endpoint.local());
        address(out, "downstream_local_address", facts.client.local());
        address(out, "downstream_remote_address", facts.client.remote());
        text(out, "requested_server_name", facts.client.serverName());
        text(out, "route_name", facts.routeName);
        if (facts.attempts > 1) {
            number(out, "upstream_request_attempt_count", facts.attempts);
        }
        if (facts.egress.host() != null) {
            text(out, "egress_host", facts.egress.host());
            text(out, "egress_permit", facts.egress.permit());
        }
        identities(facts, out);
        if (facts.policy.authorizer() != null) {
            text(out, "ext_authz_provider", facts.policy.authorizer());
        }
        if (facts.policy.trial() != null) {
            text(out, "policy_trial", facts.policy.trial());
        }
        if (facts.policy.audited() != null) {
            text(out, "policy_audit", facts.policy.audited());
        }
        if (facts.trace != null) {
            trace(facts.trace, out);
        }
        out.put('}').endLine();
    }

    private static void trace(RequestTrace trace, LineBuffer out) {
        text(out, "trace_id", trace.idText());
        if (trace.isReported()) {
            text(out, "span_id", trace.spanIdText());
        }
    }

    /// By the names of Istio's metrics; only what is known.
    private static void identities(RequestFacts facts, LineBuffer out) {
        if (facts.client.tls()) {
            text(out, "connection_security_policy", facts.client.verified() ? "mutual_tls" : "none");
        }
        if (facts.client.principal() != null) {
            text(out, "source_principal", facts.client.principal());
        }
        if (facts.source != null) {
            text(out, "source_workload", facts.source.workload());
            text(out, "source_workload_namespace", facts.source.namespace());
        }
        if (facts.endpoint.principal() != null) {
            text(out, "destination_principal", facts.endpoint.principal());
        }
        if (facts.endpoint.workload() != null) {
            text(out, "destination_workload", facts.endpoint.workload().workload());
            text(
                    out,
                    "destination_workload_namespace",
                    facts.endpoint.workload().namespace());
        }
    }

    private static void text(LineBuffer out, String key, @Nullable CharSequence value) {
        out.put(",\"").put(key);
        if (value == null || value.isEmpty()) {
            out.put("\":null");
        } else {
            out.put("\":\"").json(value, LONGEST_TEXT).put('"');
        }
    }

    private static void number(LineBuffer out, String key, long value) {
        out.put(",\"").put(key).put("\":").put(value);
    }

    private static void address(LineBuffer out, String key, @Nullable SocketAddress value) {
        text(out, key, value == null ? null : SocketNames.of(value));
    }
}
