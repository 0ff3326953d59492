package io.sallyport.route;

import java.util.ArrayList;
import java.util.List;

/// Says which route a request takes, with the reasons of all that came before it.
public final class Explainer {
    private Explainer() {}

    /// The match is the one that [RouteTable#find] returns, and not found in another way; hence the comparison by
    /// identity.
    @SuppressWarnings("ReferenceEquality")
    public static Explanation explain(RouteTable table, RequestView request) {
        VirtualHost virtualHost = table.virtualHost(request);
        if (virtualHost == null) {
            return new Explanation(null, null, List.of());
        }
        MatchedRoute matched = virtualHost.routes().find(request);
        List<Considered> considered = new ArrayList<>();
        for (MatchedRoute candidate : virtualHost.routes().ordered()) {
            if (candidate == matched) {
                break;
            }
            String why = candidate.match().mismatch(request);
            if (why != null) {
                considered.add(new Considered(candidate.route().id(), candidate.matchIndex(), why));
            }
        }
        return new Explanation(virtualHost.name(), matched, List.copyOf(considered));
    }
}
