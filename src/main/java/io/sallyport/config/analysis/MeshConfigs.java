package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.model.ExtensionProvider;
import io.sallyport.config.model.ExtensionProvider.ExternalAuthorizer;
import io.sallyport.config.model.ExtensionProvider.LogService;
import io.sallyport.config.model.ExtensionProvider.OpenTelemetry;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.MeshConfig;
import io.sallyport.config.model.MeshConfig.ForwardClientCertDetails;
import io.sallyport.config.model.MeshConfig.Topology;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.net.AsciiCase;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// MeshConfig against the settings, and its providers against the services and routes that are known.
final class MeshConfigs implements Analyzer {
    @Override
    public void analyze(AnalysisContext context) {
        for (MeshConfig config : context.index().configuration().meshConfigs()) {
            settings(context, config);
            for (int i = 0; i < config.extensionProviders().size(); i++) {
                ExtensionProvider provider = config.extensionProviders().get(i);
                String field = Fields.item("extensionProviders", i);
                ExternalAuthorizer authorizer = provider.authorizer();
                OpenTelemetry traces = provider.openTelemetry();
                LogService log = provider.logService();
                if (authorizer != null) {
                    String of = authorizer.http() == null ? ".envoyExtAuthzGrpc." : ".envoyExtAuthzHttp.";
                    service(context, provider, authorizer.service(), authorizer.port(), field + of);
                    routes(context, provider, authorizer, field);
                } else if (traces != null) {
                    service(context, provider, traces.service(), traces.port(), field + ".opentelemetry.");
                } else if (log != null) {
                    service(context, provider, log.service(), log.port(), field + ".envoyOtelAls.");
                }
            }
        }
    }

    private static void settings(AnalysisContext context, MeshConfig config) {
        Position at = config.meta().at();
        MeshFacts facts = context.options().mesh();
        String root = context.index().scope().rootNamespace();
        if (!config.trustDomain().isEmpty() && !config.trustDomain().equals(facts.trustDomain())) {
            differs(context, at, "trustDomain", config.trustDomain(), "trust-domain", facts.trustDomain());
        }
        Set<String> aliases = Set.copyOf(config.trustDomainAliases());
        if (!aliases.isEmpty() && !aliases.equals(facts.trustDomainAliases())) {
            differs(
                    context,
                    at,
                    "trustDomainAliases",
                    String.join(",", new TreeSet<>(aliases)),
                    "trust-domain-aliases",
                    String.join(",", new TreeSet<>(facts.trustDomainAliases())));
        }
        if (!config.rootNamespace().isEmpty() && !config.rootNamespace().equals(root)) {
            differs(context, at, "rootNamespace", config.rootNamespace(), "root-namespace", root);
        }
        if (config.gatewayTopology() != null) {
            topology(context, config.gatewayTopology(), facts);
        }
    }

    private static void topology(AnalysisContext context, Topology topology, MeshFacts facts) {
        String place = "defaultConfig.gatewayTopology.";
        int hops = topology.numTrustedProxies();
        if (hops != 0 && hops != facts.trustedHops()) {
            String have = Integer.toString(facts.trustedHops());
            String field = place + "numTrustedProxies";
            differs(context, topology.at(), field, Integer.toString(hops), "trusted-hops", have);
        }
        if (topology.proxyProtocol() && !facts.proxyProtocol()) {
            differs(context, topology.at(), place + "proxyProtocol", "true", "proxy-protocol.enabled", "false");
        }
        ForwardClientCertDetails details = topology.forwardClientCertDetails();
        if (details != ForwardClientCertDetails.UNDEFINED && details != facts.clientCert()) {
            differs(
                    context,
                    topology.at(),
                    place + "forwardClientCertDetails",
                    asSetting(details),
                    "client-cert.forward",
                    asSetting(facts.clientCert()));
        }
    }

    private static String asSetting(ForwardClientCertDetails details) {
        return AsciiCase.lower(details.name()).replace('_', '-');
    }

    private static void differs(
            AnalysisContext context, Position at, String field, String said, String setting, String have) {
        context.report(
                ProblemCode.MESH_CONFIG_DIFFERS,
                at,
                field,
                "MeshConfig says " + Quote.of(said) + ", and sallyport." + setting + " is " + Quote.of(have),
                "set sallyport." + setting + "=" + Quote.plain(said) + ", or delete the field");
    }

    private static void service(
            AnalysisContext context, ExtensionProvider provider, String service, int port, String place) {
        ConfigurationIndex index = context.index();
        String host = index.hosts().ofProvider(service);
        KnownHosts known = new KnownHosts(context);
        List<Integer> ports = index.serviceEntries().findAll(host).stream()
                .map(ServiceEntry::ports)
                .flatMap(List::stream)
                .map(ServicePort::number)
                .distinct()
                .sorted()
                .toList();
        String subject = "provider " + Quote.of(provider.name()) + " is at " + Quote.of(host);
        if (!known.contains(host)) {
            String message = subject + ", which is neither in a ServiceEntry nor in the mesh";
            context.report(
                    ProblemCode.UNKNOWN_PROVIDER_SERVICE, provider.at(), place + "service", message, known.hint(host));
        } else if (!ports.isEmpty() && !ports.contains(port)) {
            String message = subject + ", which has no port " + port;
            String hint = "its ports are " + Quote.plain(ports.toString());
            context.report(ProblemCode.UNKNOWN_PROVIDER_SERVICE, provider.at(), place + "port", message, hint);
        }
    }

    /// Routes are chosen behind the answer. Without clearRouteCache they are before it at Istio, by what the client
    /// claims.
    private static void routes(
            AnalysisContext context, ExtensionProvider provider, ExternalAuthorizer authorizer, String field) {
        ExtensionProvider.Http http = authorizer.http();
        if (http == null
                || authorizer.clearRouteCache()
                || http.headersToUpstreamOnAllow().isEmpty()) {
            return;
        }
        for (VirtualService service : context.index().configuration().virtualServices()) {
            String header = headers(service)
                    .filter(name -> isSet(http.headersToUpstreamOnAllow(), name))
                    .findFirst()
                    .orElse(null);
            if (header != null) {
                context.report(
                        ProblemCode.ROUTE_BEHIND_ANSWER,
                        provider.at(),
                        field + ".envoyExtAuthzHttp.clearRouteCache",
                        "routes of " + service.meta() + " are chosen by header " + Quote.of(header)
                                + ", which the provider may set: here behind its answer, at Istio before it",
                        "clearRouteCache: true has the same effect at Istio");
                return;
            }
        }
    }

    private static Stream<String> headers(VirtualService service) {
        return service.http().stream()
                .map(HttpRoute::match)
                .flatMap(List::stream)
                .flatMap(match -> Stream.of(match.headers(), match.withoutHeaders()))
                .map(Map::keySet)
                .flatMap(Set::stream);
    }

    private static boolean isSet(List<String> patterns, String lowerCaseName) {
        return patterns.stream().map(AsciiCase::lower).anyMatch(pattern -> {
            if (pattern.startsWith("*")) {
                return lowerCaseName.endsWith(pattern.substring(1));
            }
            return pattern.endsWith("*")
                    ? lowerCaseName.startsWith(pattern.substring(0, pattern.length() - 1))
                    : lowerCaseName.equals(pattern);
        });
    }
}
