package io.sallyport.compile;

import io.netty.util.AsciiString;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.ExtensionProvider;
import io.sallyport.config.model.ExtensionProvider.ExternalAuthorizer;
import io.sallyport.format.ParsedFormat;
import io.sallyport.net.AsciiCase;
import io.sallyport.policy.Authorizer;
import io.sallyport.policy.Authorizer.Names;
import io.sallyport.route.HeaderOps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compiles the extension providers that policies ask, with the clusters by which they are reached: the gateway's own,
/// by the DestinationRules and the guard that hold for every request to the service.
final class AuthorizerCompiler {
    private static final int FORBIDDEN = 403;

    private final Compilation compilation;

    AuthorizerCompiler(Compilation compilation) {
        this.compilation = compilation;
    }

    /// By the providers' names; none for a service that is not known.
    Map<String, Authorizer> compile() {
        Map<String, Authorizer> compiled = new HashMap<>();
        for (AuthorizationPolicy policy : compilation.index().policies().all()) {
            ExternalAuthorizer source = compilation.index().policies().authorizer(policy);
            if (source != null && !compiled.containsKey(policy.provider())) {
                Authorizer authorizer = compile(policy.provider(), source);
                if (authorizer != null) {
                    compiled.put(policy.provider(), authorizer);
                }
            }
        }
        return compiled;
    }

    private @Nullable Authorizer compile(String name, ExternalAuthorizer source) {
        String host = compilation.index().hosts().ofProvider(source.service());
        String cluster = compilation.clusters().requireProvider(host, source.port());
        if (cluster == null) {
            return null;
        }
        ExtensionProvider.RequestBody body = source.includeRequestBodyInCheck();
        return new Authorizer(
                name,
                cluster,
                host,
                source.timeout() == null ? ExternalAuthorizer.DEFAULT_TIMEOUT : source.timeout(),
                source.failOpen(),
                source.statusOnError().isEmpty() ? FORBIDDEN : Integer.parseInt(source.statusOnError()),
                body == null
                        ? null
                        : new Authorizer.Body(body.maxRequestBytes(), body.allowPartialMessage(), body.packAsBytes()),
                source.http() == null ? null : compile(source.http()));
    }

    private static Authorizer.Http compile(ExtensionProvider.Http http) {
        Map<String, ParsedFormat> composed = new LinkedHashMap<>();
        Map<String, String> literals = ComposedValues.literals(http.includeAdditionalHeadersInCheck(), composed);
        return new Authorizer.Http(
                http.pathPrefix(),
                names(http.includeRequestHeadersInCheck()),
                HeaderOps.of(literals, Map.of(), List.of(), composed, Map.of()),
                names(http.headersToUpstreamOnAllow()),
                http.headersToDownstreamOnDeny().isEmpty() ? null : names(http.headersToDownstreamOnDeny()),
                names(http.headersToDownstreamOnAllow()));
    }

    private static Names names(List<String> patterns) {
        List<AsciiString> exact = new ArrayList<>();
        List<String> prefixes = new ArrayList<>();
        List<String> suffixes = new ArrayList<>();
        for (String pattern : patterns) {
            String name = AsciiCase.lower(pattern);
            if (name.startsWith("*")) {
                suffixes.add(name.substring(1));
            } else if (name.endsWith("*")) {
                prefixes.add(name.substring(0, name.length() - 1));
            } else {
                exact.add(AsciiString.of(name));
            }
        }
        return new Names(List.copyOf(exact), List.copyOf(prefixes), List.copyOf(suffixes));
    }
}
