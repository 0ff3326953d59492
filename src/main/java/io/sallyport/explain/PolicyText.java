package io.sallyport.explain;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.route.Forward;
import io.sallyport.route.RetryPolicy;
import io.sallyport.route.SourceLine;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a route and a cluster do about endpoints that are slow or fail, and where that is written.
final class PolicyText {
    private static final String DEFAULT = "default";

    private PolicyText() {}

    /// `500ms`, `2s`; `none` for zero.
    static String time(Duration duration) {
        if (duration.isZero()) {
            return "none";
        }
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }

    static String timeout(Forward forward) {
        return forward.timeout().isZero()
                ? "none (" + DEFAULT + ")"
                : time(forward.timeout()) + " (" + forward.source().text() + ")";
    }

    static String retries(RetryPolicy retries) {
        String source = " (" + source(retries) + ")";
        if (retries.isOff()) {
            return "off" + source;
        }
        String perTry = retries.perTryTimeout().isZero() ? "" : ", each within " + time(retries.perTryTimeout());
        String late = retries.lateTries() ? " and, for idempotent requests, on late tries" : "";
        return retries.attempts() + " on " + retries.on() + late + perTry + ", pauses from " + time(retries.backoff())
                + hosts(retries) + source;
    }

    private static String hosts(RetryPolicy retries) {
        String hosts =
                switch (retries.triedHosts()) {
                    case AVOIDED -> ", at other endpoints";
                    case AVOIDED_UNLESS_HASHED -> "";
                    case ALLOWED -> ", at any endpoint";
                };
        return hosts + (retries.avoidsTriedLocalities() ? ", in other localities" : "");
    }

    private static String source(RetryPolicy retries) {
        return retries.source() == SourceLine.NONE ? DEFAULT : retries.source().text();
    }

    static String cluster(ClusterSpec spec, @Nullable String policy) {
        return spec.loadBalancing() + ", " + spec.protocol() + tls(spec)
                + ", connect within " + time(spec.connectTimeout()) + ", idle " + time(spec.idleTimeout())
                + (spec.maxRequestsPerConnection() == 0
                        ? ""
                        : ", " + spec.maxRequestsPerConnection() + " requests a connection")
                + " (" + (policy == null ? DEFAULT : policy) + ")";
    }

    private static String tls(ClusterSpec spec) {
        if (spec.meshTls() != null) {
            return " over the mesh's TLS to endpoints that offer it";
        }
        return spec.tls() == null ? "" : " over TLS";
    }

    static @Nullable JsonObject timeoutJson(@Nullable Forward forward) {
        return forward == null
                ? null
                : new JsonObject()
                        .put("value", time(forward.timeout()))
                        .put(
                                "source",
                                forward.timeout().isZero()
                                        ? DEFAULT
                                        : forward.source().text());
    }

    static @Nullable JsonObject retriesJson(@Nullable Forward forward) {
        if (forward == null) {
            return null;
        }
        RetryPolicy retries = forward.retries();
        return new JsonObject()
                .put("attempts", retries.attempts())
                .put("on", retries.isOff() ? null : retries.on().toString())
                .put("perTryTimeout", time(retries.perTryTimeout()))
                .put("backoff", time(retries.backoff()))
                .put("lateTries", retries.lateTries())
                .put("triedHosts", retries.triedHosts().name())
                .put("triedLocalities", retries.avoidsTriedLocalities() ? "AVOIDED" : "ALLOWED")
                .put("source", source(retries));
    }

    static @Nullable JsonObject clusterJson(@Nullable ClusterSpec spec, @Nullable String policy) {
        return spec == null
                ? null
                : new JsonObject()
                        .put("loadBalancing", spec.loadBalancing().name())
                        .put("protocol", spec.protocol().name())
                        .put("connectTimeout", time(spec.connectTimeout()))
                        .put("idleTimeout", time(spec.idleTimeout()))
                        .put("maxRequestsPerConnection", spec.maxRequestsPerConnection())
                        .put("source", policy == null ? DEFAULT : policy)
                        .put("protection", protectionJson(spec, policy));
    }

    private static JsonObject protectionJson(ClusterSpec spec, @Nullable String policy) {
        JsonObject all = new JsonObject();
        ProtectionLines.of(spec, policy)
                .forEach(line -> all.put(
                        line.kind(), new JsonObject().put("does", line.words()).put("source", line.source())));
        return all;
    }
}
