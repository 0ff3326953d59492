package io.sallyport.compile;

import io.netty.util.AsciiString;
import io.sallyport.config.index.EffectiveHttpRoute;
import io.sallyport.config.model.CorsPolicy;
import io.sallyport.config.model.CorsPolicy.UnmatchedPreflights;
import io.sallyport.config.model.Destination;
import io.sallyport.config.model.GrpcStatus;
import io.sallyport.config.model.HttpFaultInjection;
import io.sallyport.config.model.HttpMirrorPolicy;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.route.Cors;
import io.sallyport.route.Fault;
import io.sallyport.route.Fraction;
import io.sallyport.route.Mirror;
import io.sallyport.route.RouteFilters;
import io.sallyport.route.StringMatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Translates `fault`, `corsPolicy` and the mirrors of an HTTPRoute (Istio pilot `route.go`: `TranslateFault`,
/// `TranslateCORSPolicy`, `MirrorPercent`).
final class RouteFilterCompiler {
    private static final Fault.Abort NO_ABORT = new Fault.HttpAbort(503);

    private final Compilation compilation;

    RouteFilterCompiler(Compilation compilation) {
        this.compilation = compilation;
    }

    /// @param port of the listener, for destinations without one
    RouteFilters compile(EffectiveHttpRoute effective, int port) {
        HttpRoute route = effective.route();
        // Istio refuses a fault beside redirect or directResponse, and a mirror would have nothing to get.
        boolean forwards = route.redirect() == null && route.directResponse() == null;
        RouteFilters filters = new RouteFilters(
                route.fault() == null || !forwards ? null : fault(route.fault()),
                route.corsPolicy() == null ? null : cors(route.corsPolicy()),
                forwards ? mirrors(effective, port) : List.of());
        return filters.equals(RouteFilters.NONE) ? RouteFilters.NONE : filters;
    }

    private static @Nullable Fault fault(HttpFaultInjection fault) {
        HttpFaultInjection.Delay delay = fault.delay();
        HttpFaultInjection.Abort abort = fault.abort();
        Duration wait = delay == null || delay.fixedDelay() == null ? Duration.ZERO : delay.fixedDelay();
        Fraction delayed = delay == null || wait.isZero() ? Fraction.NONE : share(delay.percentage(), delay.percent());
        Fraction aborted = abort == null || (abort.httpStatus() == null && abort.grpcStatus() == null)
                ? Fraction.NONE
                : share(abort.percentage(), 0);
        return delayed.isNone() && aborted.isNone()
                ? null
                : new Fault(wait, delayed, abort == null ? NO_ABORT : answer(abort), aborted);
    }

    private static Fault.Abort answer(HttpFaultInjection.Abort abort) {
        if (abort.httpStatus() != null) {
            return new Fault.HttpAbort(abort.httpStatus());
        }
        return abort.grpcStatus() == null
                ? NO_ABORT
                : new Fault.GrpcAbort(GrpcStatus.valueOf(abort.grpcStatus()).code());
    }

    /// @param fallback whole per cent, where the fraction is not given
    private static Fraction share(@Nullable Double percentage, int fallback) {
        return Fraction.ofPercent(percentage == null ? fallback : percentage);
    }

    private static Cors cors(CorsPolicy policy) {
        List<StringMatcher> origins = new ArrayList<>();
        if (policy.allowOrigins().isEmpty()) {
            policy.allowOrigin().forEach(origin -> origins.add(new StringMatcher.Exact(origin)));
        } else {
            policy.allowOrigins().forEach(origin -> origins.add(MatchCompiler.compile(origin)));
        }
        return new Cors(
                origins,
                origins.stream().anyMatch(origin -> origin.matches("*")),
                list(policy.allowMethods()),
                list(policy.allowHeaders()),
                list(policy.exposeHeaders()),
                policy.maxAge() == null
                        ? null
                        : AsciiString.cached(Long.toString(policy.maxAge().toSeconds())),
                Boolean.TRUE.equals(policy.allowCredentials()),
                policy.unmatchedPreflights() != UnmatchedPreflights.IGNORE);
    }

    private static @Nullable AsciiString list(List<String> values) {
        return values.isEmpty() ? null : AsciiString.cached(String.join(",", values));
    }

    private List<Mirror> mirrors(EffectiveHttpRoute effective, int port) {
        HttpRoute route = effective.route();
        List<Mirror> mirrors = new ArrayList<>();
        if (route.mirror() != null) {
            int fallback = route.mirrorPercent() == null ? 100 : route.mirrorPercent();
            add(mirrors, route.mirror(), share(route.mirrorPercentage(), fallback), effective, port);
        }
        for (HttpMirrorPolicy mirror : route.mirrors()) {
            add(mirrors, mirror.destination(), share(mirror.percentage(), 100), effective, port);
        }
        return mirrors;
    }

    private void add(
            List<Mirror> mirrors, Destination destination, Fraction share, EffectiveHttpRoute effective, int port) {
        if (!share.isNone()) {
            String namespace = effective.declaredIn().meta().namespace();
            mirrors.add(new Mirror(compilation.routes().require(destination, namespace, port), share));
        }
    }
}
