package io.sallyport.config.analysis;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.Source;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.config.problem.ProblemCode;
import java.util.List;
import java.util.Set;

/// Rules that ask who the client is, at an instance that never asks for a client certificate.
final class PolicyIdentities implements Analyzer {
    private static final Set<String> KEYS =
            Set.of("source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain");
    private static final Set<ServerTlsSettings.Mode> ASKING = Set.of(
            ServerTlsSettings.Mode.MUTUAL, ServerTlsSettings.Mode.OPTIONAL_MUTUAL, ServerTlsSettings.Mode.ISTIO_MUTUAL);

    @Override
    public void analyze(AnalysisContext context) {
        if (context.index().selectedGateways().isEmpty() || asksForIdentities(context)) {
            return;
        }
        for (AuthorizationPolicy policy : context.index().policies().all()) {
            for (int i = 0; i < policy.rules().size(); i++) {
                Rule rule = policy.rules().get(i);
                if (wantsIdentity(rule)) {
                    context.report(
                            ProblemCode.IDENTITY_NEVER_KNOWN,
                            rule.at(),
                            Fields.item("spec.rules", i),
                            "the rule is about clients' identities, and no server of this instance asks for a client"
                                    + " certificate, so that it never applies",
                            "set tls.mode MUTUAL or ISTIO_MUTUAL at the Gateway's server");
                }
            }
        }
    }

    /// The mesh listener's TLS is a matter of settings, which the analysis does not know.
    private static boolean asksForIdentities(AnalysisContext context) {
        return context.options().hasMeshListener()
                || context.index().selectedGateways().stream()
                        .flatMap(gateway -> gateway.servers().stream())
                        .anyMatch(server -> server.tls() != null
                                && ASKING.contains(server.tls().mode()));
    }

    private static boolean wantsIdentity(Rule rule) {
        return rule.wants(PolicyIdentities::wantsIdentity, condition -> KEYS.contains(condition.key()));
    }

    private static boolean wantsIdentity(Source source) {
        return List.of(source.principals(), source.namespaces(), source.serviceAccounts(), source.trustDomains())
                .stream()
                .anyMatch(values -> !values.any().isEmpty());
    }
}
