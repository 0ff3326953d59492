package io.sallyport.compile;

import io.sallyport.config.index.EffectiveHttpRoute;
import io.sallyport.config.index.MatchLiterals;
import io.sallyport.config.model.Headers;
import io.sallyport.config.model.HttpDirectResponse;
import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.HttpRedirect;
import io.sallyport.config.model.HttpRewrite;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.HttpRouteDestination;
import io.sallyport.config.model.JwtSvidValue;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.VirtualService;
import io.sallyport.format.ParsedFormat;
import io.sallyport.route.CredentialText;
import io.sallyport.route.DirectResponse;
import io.sallyport.route.Forward;
import io.sallyport.route.HeaderCredential;
import io.sallyport.route.HeaderOps;
import io.sallyport.route.Redirect;
import io.sallyport.route.RequestPaths;
import io.sallyport.route.Rewrite;
import io.sallyport.route.RewrittenAuthority;
import io.sallyport.route.Route;
import io.sallyport.route.RouteAction;
import io.sallyport.route.RouteId;
import io.sallyport.route.RouteMatch;
import io.sallyport.route.SourceLine;
import io.sallyport.route.UriText;
import io.sallyport.route.WeightedCluster;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Translates the HTTP routes of one VirtualService, as one gateway's port sees them.
final class HttpRouteCompiler {
    private static final byte[] NO_BODY = {};

    private final Compilation compilation;
    private final RouteFilterCompiler filters;

    HttpRouteCompiler(Compilation compilation) {
        this.compilation = compilation;
        this.filters = new RouteFilterCompiler(compilation);
    }

    /// The routes of a VirtualService at a place; none where the gateway fails at them, so that its hosts answer 404.
    List<Route> compile(VirtualService service, RoutePlace place) {
        try {
            return compiled(service, place);
        } catch (RuntimeException failure) {
            compilation.credentials().report(failure, service.meta());
            return List.of();
        }
    }

    private List<Route> compiled(VirtualService service, RoutePlace place) {
        MatchCompiler matches = new MatchCompiler(place);
        String name = service.meta().qualifiedName();
        List<Route> routes = new ArrayList<>();
        for (EffectiveHttpRoute effective : compilation.index().delegates().merge(service, literals(place))) {
            HttpRoute source = effective.route();
            List<RouteMatch> compiled = new ArrayList<>();
            for (int i = 0; i < source.match().size(); i++) {
                HttpMatchRequest match = source.match().get(i);
                if (matches.concerns(match, service.meta().namespace())) {
                    compiled.add(compilation.routes().shared(matches.compile(match, i, source.name())));
                }
            }
            if (source.match().isEmpty() || !compiled.isEmpty()) {
                RouteId id = new RouteId(name, source.name().isEmpty() ? null : source.name(), effective.rootIndex());
                routes.add(new Route(id, compiled, action(effective, place), filters.compile(effective, place.port())));
            }
        }
        return routes;
    }

    private MatchLiterals literals(RoutePlace place) {
        RequestPaths paths = compilation.options().paths();
        return new MatchLiterals(new CanonicalPaths(place.isMesh() ? paths.mesh() : paths.gateway()));
    }

    private RouteAction action(EffectiveHttpRoute effective, RoutePlace place) {
        HttpRoute route = effective.route();
        if (route.redirect() != null) {
            return redirect(route.redirect(), place, operations(route.headers(), false));
        }
        if (route.directResponse() != null) {
            return directResponse(route.directResponse(), operations(route.headers(), false));
        }
        return compilation.routes().shared(forward(effective, place));
    }

    /// By FROM_REQUEST_PORT, a redirect without a scheme of its own leaves out the default port of the listener's
    /// protocol, even if trusted hops give the request another scheme (Istio pilot, `ApplyRedirect`).
    private static Redirect redirect(HttpRedirect redirect, RoutePlace place, HeaderOps responseHeaders) {
        int number = 0;
        Redirect.DerivePort derived = null;
        switch (redirect.port()) {
            case HttpRedirect.RedirectPort.Unset _ -> {}
            case HttpRedirect.RedirectPort.Number(int value) -> number = value;
            case HttpRedirect.RedirectPort.Derived(HttpRedirect.DerivePort from) ->
                derived = switch (from) {
                    case FROM_PROTOCOL_DEFAULT -> Redirect.DerivePort.FROM_PROTOCOL_DEFAULT;
                    case FROM_REQUEST_PORT ->
                        redirect.scheme().isEmpty() && !place.isMesh() && place.isDefaultPort()
                                ? Redirect.DerivePort.FROM_PROTOCOL_DEFAULT
                                : Redirect.DerivePort.FROM_REQUEST_PORT;
                };
        }
        return new Redirect(
                redirect.uri().isEmpty()
                        ? null
                        : UriText.reference(redirect.uri().strip()),
                redirect.prefixRewrite().isEmpty()
                        ? null
                        : UriText.path(redirect.prefixRewrite().strip()),
                orNull(redirect.authority().strip()),
                orNull(redirect.scheme()),
                number,
                derived,
                redirect.redirectCode() == 0 ? 301 : redirect.redirectCode(),
                responseHeaders);
    }

    private static DirectResponse directResponse(HttpDirectResponse direct, HeaderOps responseHeaders) {
        byte[] body =
                switch (direct.body()) {
                    case null -> NO_BODY;
                    case HttpDirectResponse.Body.Text(String text) -> text.getBytes(StandardCharsets.UTF_8);
                    case HttpDirectResponse.Body.Binary binary -> binary.decode();
                };
        return new DirectResponse(direct.status(), body, responseHeaders);
    }

    private Forward forward(EffectiveHttpRoute effective, RoutePlace place) {
        HttpRoute route = effective.route();
        List<WeightedCluster> clusters = new ArrayList<>();
        for (HttpRouteDestination destination : route.route()) {
            String namespace = effective.declaredIn().meta().namespace();
            String asked = compilation.clusters().requireAsked(destination.destination(), namespace, place, true);
            String cluster = asked == null
                    ? compilation.routes().require(destination.destination(), namespace, place.port())
                    : asked;
            clusters.add(new WeightedCluster(
                    cluster,
                    destination.weight(),
                    operations(destination.headers(), true),
                    operations(destination.headers(), false)));
        }
        HttpRewrite rewrite = route.rewrite();
        Duration timeout = route.timeout() == null ? Duration.ZERO : route.timeout();
        return new Forward(
                clusters,
                pathRewrite(rewrite),
                authorityRewrite(rewrite),
                operations(route.headers(), true),
                operations(route.headers(), false),
                timeout,
                true,
                RetryCompiler.compile(route.retries()),
                timeout.isZero() ? SourceLine.NONE : source(route.at()));
    }

    /// Of one place equal, so that routes of one place can be.
    private record Line(Position at) implements SourceLine {
        @Override
        public String text() {
            return at.file() + ":" + at.line();
        }
    }

    static SourceLine source(Position at) {
        return new Line(at);
    }

    private static @Nullable RewrittenAuthority authorityRewrite(@Nullable HttpRewrite rewrite) {
        String authority = rewrite == null ? "" : rewrite.authority().strip();
        return authority.isEmpty() ? null : RewrittenAuthority.of(authority);
    }

    private static @Nullable Rewrite pathRewrite(@Nullable HttpRewrite rewrite) {
        if (rewrite == null) {
            return null;
        }
        if (rewrite.uriRegexRewrite() != null) {
            return new Rewrite.Regex(
                    rewrite.uriRegexRewrite().match(),
                    rewrite.uriRegexRewrite().rewrite().strip());
        }
        return rewrite.uri().isEmpty()
                ? null
                : new Rewrite.Uri(UriText.path(rewrite.uri().strip()));
    }

    private HeaderOps operations(@Nullable Headers headers, boolean request) {
        Headers.Operations operations = headers == null ? null : request ? headers.request() : headers.response();
        if (operations == null) {
            return HeaderOps.NONE;
        }
        Map<String, String> set = new LinkedHashMap<>(operations.set());
        Map<String, CredentialText> credentials = new LinkedHashMap<>();
        operations.set().forEach((name, value) -> {
            JwtSvidValue svid = request ? JwtSvidValue.parse(value.strip()) : null;
            if (svid != null) {
                HeaderCredential credential = compilation.options().workloadCredential(svid.audience());
                credentials.put(name, new CredentialText(svid.before(), credential, svid.after()));
                set.remove(name);
            }
        });
        Map<String, ParsedFormat> setComposed = new LinkedHashMap<>();
        Map<String, ParsedFormat> addComposed = new LinkedHashMap<>();
        Map<String, String> setLiterally = ComposedValues.literals(set, setComposed);
        Map<String, String> addLiterally = ComposedValues.literals(operations.add(), addComposed);
        HeaderOps made = HeaderOps.of(setLiterally, addLiterally, operations.remove(), setComposed, addComposed);
        return credentials.isEmpty() ? made : made.withCredentials(credentials);
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
