package io.sallyport.config.validation;

import io.sallyport.config.model.Headers;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.HttpRouteDestination;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.yaml.Place;
import java.util.ArrayList;
import java.util.List;

/// `HTTPRoute`: which fields go together.
final class HttpRouteValidator {
    private HttpRouteValidator() {}

    /// @param delegate whether the VirtualService has no hosts
    static void validate(HttpRoute route, boolean delegate, Place place) {
        actions(route, delegate, place);
        HttpMatchValidator.validate(route.match(), place.field("match"));
        HttpActionValidator.redirect(route.redirect(), route.match(), place.field("redirect"));
        HttpActionValidator.directResponse(route.directResponse(), place.field("directResponse"));
        HttpActionValidator.rewrite(route.rewrite(), place.field("rewrite"));
        HttpRetryValidator.validate(route, place.field("retries"));
        HttpFilterValidator.fault(route.fault(), place.field("fault"));
        HttpFilterValidator.cors(route.corsPolicy(), place.field("corsPolicy"));
        HttpFilterValidator.mirrors(route, place);
        HeaderChecks.operations(route.headers(), place.field("headers"));
        Checks.time(route.timeout(), place.field("timeout"));
        authority(route, place);
        destinations(route.route(), place.field("route"));
        if (route.delegate() != null && !route.delegate().namespace().isEmpty()) {
            Checks.name(route.delegate().namespace(), place.field("delegate").field("namespace"));
        }
    }

    private static void actions(HttpRoute route, boolean delegate, Place place) {
        List<String> actions = new ArrayList<>();
        if (route.delegate() != null) {
            actions.add("delegate");
        }
        if (route.redirect() != null) {
            actions.add("redirect");
        }
        if (route.directResponse() != null) {
            actions.add("directResponse");
        }
        if (!route.route().isEmpty()) {
            actions.add("route");
        }
        if (actions.isEmpty()) {
            place.report(ProblemCode.NO_ACTION, "one of route, redirect, directResponse and delegate is needed");
        }
        for (int i = 1; i < actions.size(); i++) {
            String message = actions.get(i) + " cannot be given together with " + actions.getFirst();
            place.field(actions.get(i)).report(ProblemCode.ACTIONS_CONFLICT, message, "delete one of the two");
        }
        if (route.redirect() != null || route.directResponse() != null) {
            String answer = route.redirect() != null ? "redirect" : "directResponse";
            forbidWith(answer, route.fault() != null, place.field("fault"));
            forbidWith(answer, route.rewrite() != null, place.field("rewrite"));
            List.of("mirror", "mirrors").forEach(filter -> unusedWith(answer, place.field(filter)));
        }
        if (delegate && route.delegate() != null) {
            place.field("delegate").report(ProblemCode.BAD_DELEGATE, "a delegate cannot delegate: one level is all");
        }
    }

    private static void forbidWith(String answer, boolean given, Place place) {
        if (given) {
            String message = "it has no meaning together with " + answer;
            place.report(ProblemCode.ACTIONS_CONFLICT, message, "delete one of the two");
        }
    }

    /// Nothing is sent then that could be copied.
    private static void unusedWith(String answer, Place place) {
        if (place.isPresent()) {
            place.report(ProblemCode.FILTER_UNUSED, "it has no effect together with " + answer);
        }
    }

    private static void authority(HttpRoute route, Place place) {
        int ways = route.rewrite() != null && !route.rewrite().authority().isEmpty() ? 1 : 0;
        Headers.Operations request =
                route.headers() == null ? null : route.headers().request();
        if (request != null) {
            ways += (int) request.set().keySet().stream()
                    .filter(HeaderChecks::isAuthority)
                    .count();
            ways += (int) request.add().keySet().stream()
                    .filter(HeaderChecks::isAuthority)
                    .count();
        }
        if (ways > 1) {
            String message = "the authority is set in " + ways + " ways";
            place.field("headers").field("request").report(ProblemCode.AUTHORITY_TWICE, message);
        }
    }

    private static void destinations(List<HttpRouteDestination> routes, Place place) {
        List<Integer> weights = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            HttpRouteDestination each = routes.get(i);
            RouteChecks.destination(each.destination(), place.index(i).field("destination"));
            HeaderChecks.operations(each.headers(), place.index(i).field("headers"));
            weights.add(each.weight());
        }
        RouteChecks.weights(weights, place);
    }
}
