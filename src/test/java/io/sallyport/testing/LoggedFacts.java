package io.sallyport.testing;

import io.sallyport.outcome.ClientFacts;
import io.sallyport.outcome.DestinationFacts;
import io.sallyport.outcome.EgressFacts;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.PolicyFacts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.outcome.WorkloadNames;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What a line of the JSON access log tells of a request.
final class LoggedFacts {
    private LoggedFacts() {}

    static RequestFacts of(String line) {
        JsonObject json = new JsonObject(line);
        RequestFacts facts = new RequestFacts();
        facts.startMillis = Instant.parse(json.getString("start_time")).toEpochMilli();
        facts.durationNanos = TimeUnit.MILLISECONDS.toNanos(json.getLong("duration"));
        facts.upstreamServiceNanos = json.getValue("upstream_service_time") == null
                ? -1
                : TimeUnit.MILLISECONDS.toNanos(json.getLong("upstream_service_time"));
        facts.method = text(json, "method");
        facts.path = text(json, "path");
        facts.protocol = text(json, "protocol");
        facts.authority = text(json, "authority");
        facts.status = json.getInteger("response_code");
        facts.details = text(json, "response_code_details");
        facts.transportFailure = json.getString("upstream_transport_failure_reason");
        facts.bytesReceived = json.getLong("bytes_received");
        facts.bytesSent = json.getLong("bytes_sent");
        facts.forwardedFor = json.getString("x_forwarded_for");
        facts.userAgent = json.getString("user_agent");
        facts.requestId = json.getString("request_id");
        facts.routeName = json.getString("route_name");
        facts.attempts = json.getInteger("upstream_request_attempt_count", 1);
        facts.egress =
                new EgressFacts(json.getString("egress_host"), 0, null, json.getString("egress_permit"), null, null);
        facts.policy = new PolicyFacts(
                null,
                json.getString("policy_trial"),
                json.getString("ext_authz_provider"),
                json.getString("policy_audit"));
        String security = json.getString("connection_security_policy");
        facts.client = new ClientFacts(
                null,
                null,
                null,
                json.getString("requested_server_name"),
                json.getString("source_principal"),
                security != null,
                "mutual_tls".equals(security),
                0);
        facts.source = workload(json, "source");
        facts.endpoint = new EndpointFacts(
                json.getString("upstream_host"),
                null,
                json.getString("destination_principal"),
                null,
                workload(json, "destination"));
        String cluster = json.getString("upstream_cluster");
        if (cluster != null) {
            facts.destination =
                    new DestinationFacts(cluster, cluster.substring(cluster.lastIndexOf('|') + 1), null, null);
        }
        facts.trace = trace(json);
        flags(json.getString("response_flags"), facts);
        return facts;
    }

    private static RequestTrace trace(JsonObject json) {
        String id = json.getString("trace_id");
        if (id == null) {
            return null;
        }
        RequestTrace trace = new RequestTrace(null);
        trace.high = HexFormat.fromHexDigitsToLong(id, 0, 16);
        trace.low = HexFormat.fromHexDigitsToLong(id, 16, 32);
        String span = json.getString("span_id");
        trace.spanId = span == null ? 0 : HexFormat.fromHexDigitsToLong(span);
        return trace;
    }

    private static WorkloadNames workload(JsonObject json, String side) {
        String name = json.getString(side + "_workload");
        return name == null
                ? null
                : WorkloadNames.of(Map.of("app", name), json.getString(side + "_workload_namespace"), null, null);
    }

    /// No text is `""` in the facts and null in the log.
    private static String text(JsonObject json, String key) {
        String value = json.getString(key);
        return value == null ? "" : value;
    }

    private static void flags(String text, RequestFacts facts) {
        Deque<String> names = new ArrayDeque<>("-".equals(text) ? List.of() : List.of(text.split(",")));
        if ("DI".equals(names.peek())) {
            facts.faultFlag = ResponseFlag.valueOf(names.poll());
        }
        // With an answer of the endpoint UO speaks of its retries, as URX always does.
        boolean answered = facts.details.equals("via_upstream");
        if (!names.isEmpty() && !answered && !"URX".equals(names.peek())) {
            facts.flag = ResponseFlag.valueOf(names.poll());
        }
        if (!names.isEmpty()) {
            facts.retryFlag = ResponseFlag.valueOf(names.poll());
        }
    }
}
