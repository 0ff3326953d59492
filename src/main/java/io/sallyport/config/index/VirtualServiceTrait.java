package io.sallyport.config.index;

import io.sallyport.config.model.Headers;
import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.HttpRouteDestination;
import io.sallyport.config.model.JwtSvidValue;
import io.sallyport.config.model.StringMatch;
import io.sallyport.config.model.VirtualService;
import io.sallyport.jwt.ClaimPath;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What few VirtualServices have, so that those who ask about it need not look at all of them.
public enum VirtualServiceTrait {
    /// It has no hosts.
    DELEGATE,
    /// A route delegates.
    DELEGATING,
    /// A match reads claims of tokens.
    READING_CLAIMS,
    /// It is bound to the mesh, and a route names a subset.
    CHOOSING_IN_MESH,
    /// A route sends the gateway's own JWT-SVID.
    SENDING_TOKENS;

    boolean isOf(VirtualService service) {
        return switch (this) {
            case DELEGATE -> VirtualServiceIndex.isDelegate(service);
            case DELEGATING -> any(service, route -> route.delegate() != null);
            case READING_CLAIMS -> any(service, route -> any(route.match(), VirtualServiceTrait::readsClaims));
            case CHOOSING_IN_MESH ->
                VirtualServiceIndex.gatewaysOf(service).contains(GatewayReference.MESH)
                        && any(service, VirtualServiceTrait::choosesSubset);
            case SENDING_TOKENS -> any(service, VirtualServiceTrait::sendsToken);
        };
    }

    private static boolean any(VirtualService service, Predicate<HttpRoute> condition) {
        return any(service.http(), condition);
    }

    private static <T> boolean any(List<T> all, Predicate<T> condition) {
        for (T each : all) {
            if (condition.test(each)) {
                return true;
            }
        }
        return false;
    }

    /// Whether a match is by claims of tokens.
    public static boolean readsClaims(HttpMatchRequest match) {
        return readsClaims(match.headers()) || readsClaims(match.withoutHeaders());
    }

    private static boolean readsClaims(Map<String, StringMatch> headers) {
        return !headers.isEmpty() && headers.keySet().stream().anyMatch(ClaimPath::isRoute);
    }

    private static boolean choosesSubset(HttpRoute route) {
        return route.route().stream()
                .map(HttpRouteDestination::destination)
                .anyMatch(destination -> !destination.subset().isEmpty());
    }

    private static boolean sendsToken(HttpRoute route) {
        return sendsToken(route.headers()) || any(route.route(), destination -> sendsToken(destination.headers()));
    }

    private static boolean sendsToken(@Nullable Headers headers) {
        return headers != null
                && headers.request() != null
                && headers.request().set().values().stream()
                        .anyMatch(value -> JwtSvidValue.parse(value.strip()) != null);
    }
}
