package io.sallyport.explain;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.egress.EgressPermit;
import io.sallyport.policy.PolicySet;
import io.sallyport.route.Considered;
import io.sallyport.route.RouteId;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.tls.UpstreamTlsSpec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An explanation as one JSON object with a fixed set of keys; what does not apply is null.
final class ExplanationJson {
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    private ExplanationJson() {}

    static JsonObject of(Explanation answer) {
        return new JsonObject()
                .put("listener", listener(answer))
                .put("virtualHost", answer.virtualHost)
                .put("route", route(answer))
                .put("filters", filters(answer))
                .put("action", answer.action)
                .put("timeout", PolicyText.timeoutJson(answer.forward))
                .put("retries", PolicyText.retriesJson(answer.forward))
                .put("clusters", clusters(answer))
                .put("redirect", redirect(answer))
                .put("upstreamRequest", upstreamRequest(answer))
                .put("status", answer.status)
                .put("flag", answer.flag)
                .put("details", answer.details)
                .put("permit", permit(answer.permit))
                .put("explanation", answer.explanation)
                .put("tokens", new JsonArray(List.copyOf(answer.tokens)))
                .put("policies", policies(answer))
                .put("decision", decision(answer.decision()))
                .put("log", answer.logged)
                .put("considered", considered(answer));
    }

    private static @Nullable JsonObject listener(Explanation answer) {
        if (answer.listener == null) {
            return null;
        }
        FilterChain chain = answer.chain;
        return new JsonObject()
                .put("gateway", chain == null ? null : server(answer, chain).gateway())
                .put("server", chain == null ? null : server(answer, chain).name())
                .put("port", answer.listener.port())
                .put("bind", answer.listener.bind().toString())
                .put(
                        "tls",
                        chain == null
                                ? (answer.listener.tls() ? "TERMINATE" : "NONE")
                                : chain.tls().name());
    }

    /// The servers of a plain-text port share one chain: the host tells whose it is.
    private static io.sallyport.snapshot.ServerRef server(Explanation answer, FilterChain chain) {
        return answer.server != null ? answer.server : chain.server();
    }

    private static @Nullable JsonObject route(Explanation answer) {
        if (answer.bytesRoute != null) {
            return new JsonObject()
                    .put("virtualService", answer.bytesRoute.virtualService())
                    .put("name", (String) null)
                    .put("index", answer.bytesRoute.index())
                    .put("match", 0)
                    .put("held", answer.held);
        }
        if (answer.matched == null) {
            return null;
        }
        RouteId id = answer.matched.id();
        return new JsonObject()
                .put("virtualService", id.virtualService())
                .put("name", id.routeName())
                .put("index", id.index())
                .put("match", answer.matched.matchIndex())
                .put("held", answer.held);
    }

    private static JsonArray filters(Explanation answer) {
        JsonArray filters = new JsonArray();
        if (answer.matched != null) {
            FilterLines.of(answer.matched.route().filters())
                    .forEach(line -> filters.add(
                            new JsonObject().put("kind", line.kind()).put("does", line.words())));
        }
        return filters;
    }

    private static JsonArray clusters(Explanation answer) {
        JsonArray clusters = new JsonArray();
        for (Explanation.Destination destination : answer.clusters) {
            ClusterSpec spec = destination.spec();
            String[] name = destination.weighted().clusterName().split("\\|", 4);
            boolean wellFormed = name.length == 4 && PORT.matcher(name[1]).matches();
            clusters.add(new JsonObject()
                    .put("name", destination.weighted().clusterName())
                    .put("host", wellFormed ? name[3] : destination.weighted().clusterName())
                    .put("subset", wellFormed && !name[2].isEmpty() ? name[2] : null)
                    .put("port", wellFormed ? Integer.valueOf(name[1]) : null)
                    .put("weight", answer.weight(destination))
                    .put("endpoints", endpoints(spec))
                    .put("policy", PolicyText.clusterJson(spec, destination.policy())));
        }
        return clusters;
    }

    private static JsonArray endpoints(@Nullable ClusterSpec spec) {
        JsonArray endpoints = new JsonArray();
        if (spec != null && spec.discovery() != Discovery.DYNAMIC) {
            for (EndpointSpec endpoint : spec.endpoints()) {
                endpoints.add(
                        endpoint.isUnixSocket() ? endpoint.address() : endpoint.address() + ":" + endpoint.port());
            }
        }
        return endpoints;
    }

    private static @Nullable JsonObject permit(@Nullable EgressPermit permit) {
        return permit == null
                ? null
                : new JsonObject()
                        .put("resource", permit.resource())
                        .put("source", permit.source())
                        .put("host", permit.host())
                        .put("port", permit.port())
                        .put("protocol", permit.kind().name());
    }

    private static @Nullable JsonObject redirect(Explanation answer) {
        return answer.location == null
                ? null
                : new JsonObject().put("location", answer.location).put("status", answer.status);
    }

    private static @Nullable JsonObject upstreamRequest(Explanation answer) {
        if (answer.upstreamPath == null) {
            return null;
        }
        JsonObject headers = new JsonObject();
        answer.upstreamHeaders.forEach(headers::put);
        UpstreamTlsSpec tls = answer.upstreamTls;
        return new JsonObject()
                .put("authority", answer.upstreamAuthority)
                .put("path", answer.upstreamPath)
                .put("headers", headers)
                .put("tls", tls == null ? null : tls(tls, answer.upstreamHost));
    }

    private static JsonObject tls(UpstreamTlsSpec tls, String host) {
        return new JsonObject().put("name", tls.nameFor(host)).put("expects", new JsonArray(tls.expectedNames(host)));
    }

    private static @Nullable JsonObject decision(Explanation.@Nullable Decision decision) {
        if (decision == null) {
            return null;
        }
        Explanation.Opinion by = decision.opinion();
        return new JsonObject()
                .put("text", decision.words())
                .put("policy", by == null ? null : by.opinion().policy().name())
                .put(
                        "rule",
                        by == null
                                ? null
                                : by.opinion().rule() < 0
                                        ? by.opinion().nearestRule()
                                        : by.opinion().rule());
    }

    private static JsonArray policies(Explanation answer) {
        JsonArray policies = new JsonArray();
        for (Explanation.Opinion each : answer.policies) {
            PolicySet.Opinion opinion = each.opinion();
            policies.add(new JsonObject()
                    .put("policy", opinion.policy().name())
                    .put("action", opinion.policy().action().name())
                    .put("dryRun", opinion.policy().dryRun())
                    .put("source", opinion.policy().source())
                    .put(
                            "provider",
                            opinion.asked() == null ? null : opinion.asked().name())
                    .put("appliesTo", each.scope())
                    .put("rule", opinion.rule() < 0 ? null : opinion.rule())
                    .put("mismatch", opinion.nearest().isEmpty() ? null : opinion.nearest()));
        }
        return policies;
    }

    private static JsonArray considered(Explanation answer) {
        JsonArray considered = new JsonArray();
        for (Considered candidate : answer.considered) {
            RouteId id = candidate.route();
            considered.add(new JsonObject()
                    .put("virtualService", id.virtualService())
                    .put("route", id.routeName() == null ? Integer.toString(id.index()) : id.routeName())
                    .put("match", candidate.matchIndex())
                    .put("why", candidate.why()));
        }
        return considered;
    }
}
