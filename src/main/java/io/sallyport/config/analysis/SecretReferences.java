package io.sallyport.config.analysis;

import io.sallyport.config.model.ClientTlsSettings;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.Server;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.config.model.TrafficPolicy;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import org.jspecify.annotations.Nullable;

/// Credentials that are named must be there (IST0101 for credentials). What is in them is judged where they are loaded.
final class SecretReferences implements Analyzer {
    @Override
    public void analyze(AnalysisContext context) {
        for (Gateway gateway : context.index().selectedGateways()) {
            for (int i = 0; i < gateway.servers().size(); i++) {
                Server server = gateway.servers().get(i);
                if (server.tls() != null && server.tls().mode().terminates()) {
                    checkServer(context, gateway.meta(), server.tls(), Fields.item("spec.servers", i) + ".tls.");
                }
            }
        }
        for (DestinationRule rule : context.index().configuration().destinationRules()) {
            checkPolicy(context, rule.meta(), rule.trafficPolicy(), "spec.trafficPolicy");
            for (int i = 0; i < rule.subsets().size(); i++) {
                String field = Fields.item("spec.subsets", i) + ".trafficPolicy";
                checkPolicy(context, rule.meta(), rule.subsets().get(i).trafficPolicy(), field);
            }
        }
    }

    private static void checkServer(AnalysisContext context, ResourceMeta owner, ServerTlsSettings tls, String field) {
        check(context, owner, tls.credentialName(), field + "credentialName", tls.at());
        for (int i = 0; i < tls.credentialNames().size(); i++) {
            check(context, owner, tls.credentialNames().get(i), Fields.item(field + "credentialNames", i), tls.at());
        }
        check(context, owner, tls.caCertCredentialName(), field + "caCertCredentialName", tls.at());
    }

    private static void checkPolicy(
            AnalysisContext context, ResourceMeta owner, @Nullable TrafficPolicy policy, String field) {
        if (policy == null) {
            return;
        }
        checkClient(context, owner, policy.tls(), field);
        for (int i = 0; i < policy.portLevelSettings().size(); i++) {
            String portField = Fields.item(field + ".portLevelSettings", i);
            checkClient(context, owner, policy.portLevelSettings().get(i).tls(), portField);
        }
    }

    private static void checkClient(
            AnalysisContext context, ResourceMeta owner, @Nullable ClientTlsSettings tls, String field) {
        if (tls != null && tls.mode() != ClientTlsSettings.Mode.DISABLE) {
            check(context, owner, tls.credentialName(), field + ".tls.credentialName", tls.at());
        }
    }

    private static void check(
            AnalysisContext context, ResourceMeta owner, String credentialName, String field, Position at) {
        SecretLookup secrets = context.options().secrets();
        if (!credentialName.isEmpty() && !secrets.exists(owner.namespace(), credentialName)) {
            String message = owner + " names the secret " + Quote.of(credentialName) + ", which is not there";
            String hint = context.didYouMean(
                    credentialName, secrets.names(), "put it into the secrets directory as " + credentialName + "/");
            context.report(ProblemCode.UNKNOWN_SECRET, at, field, message, hint);
        }
    }
}
