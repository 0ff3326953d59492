package io.sallyport.runtime;

import io.sallyport.admin.Listing;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.SocketNames;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The last requests and connections as the admin API shows them. Paths have no query, which may have credentials, and
/// of headers there are the request id and the authority alone.
final class RequestReport {
    private static final int LONGEST_TEXT = 1_000;
    private static final double NANOS_PER_MILLI = 1e6;

    private RequestReport() {}

    static Listing<?> of(List<RequestFacts> latest) {
        return new Listing<>(latest, RequestReport::text, RequestReport::json);
    }

    private static String text(RequestFacts facts) {
        return facts.method
                + ' '
                + facts.authority
                + ' '
                + path(facts)
                + ' '
                + facts.status
                + ' '
                + facts.flags()
                + ' '
                + facts.details
                + ' '
                + orEmpty(facts.virtualService)
                + ' '
                + orEmpty(facts.routeName)
                + ' '
                + orEmpty(facts.destination.cluster())
                + ' '
                + orEmpty(facts.endpoint.address())
                + ' '
                + orEmpty(facts.requestId)
                + ' '
                + orEmpty(facts.client.principal())
                + ' '
                + orEmpty(facts.client.serverName());
    }

    private static JsonObject json(RequestFacts facts) {
        return new JsonObject()
                .put("start", Instant.ofEpochMilli(facts.startMillis).toString())
                .put("durationMillis", facts.durationNanos / NANOS_PER_MILLI)
                .put("method", cut(facts.method))
                .put("authority", cut(facts.authority))
                .put("path", cut(path(facts)))
                .put("protocol", facts.protocol)
                .put("status", facts.status)
                .put("flags", facts.flags())
                .put("details", cut(facts.details))
                .put("grpcStatus", cut(facts.grpcStatus))
                .put("transportFailure", cut(facts.transportFailure))
                .put("virtualService", facts.virtualService)
                .put("route", facts.routeName)
                .put("routeIndex", facts.virtualService == null ? null : facts.routeIndex)
                .put("cluster", facts.destination.cluster())
                .put("endpoint", facts.endpoint.address())
                .put("attempts", facts.attempts)
                .put("client", facts.client.remote() == null ? null : SocketNames.of(facts.client.remote()))
                .put("principal", facts.client.principal())
                .put("serverName", cut(facts.client.serverName()))
                .put("deniedBy", facts.policy.deniedBy())
                .put("requestId", cut(facts.requestId));
    }

    private static String path(RequestFacts facts) {
        int query = facts.path.indexOf('?');
        return query < 0 ? facts.path : facts.path.substring(0, query) + "?…";
    }

    private static String orEmpty(@Nullable CharSequence text) {
        return text == null ? "" : text.toString();
    }

    private static @Nullable String cut(@Nullable CharSequence text) {
        if (text == null) {
            return null;
        }
        return text.length() <= LONGEST_TEXT ? text.toString() : text.subSequence(0, LONGEST_TEXT) + "…";
    }
}
