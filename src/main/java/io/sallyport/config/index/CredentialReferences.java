package io.sallyport.config.index;

import io.sallyport.config.model.ClientTlsSettings;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.config.model.TrafficPolicy;
import org.jspecify.annotations.Nullable;

/// Every secret that a resource of this instance names.
public final class CredentialReferences {
    private CredentialReferences() {}

    /// Is given each of them.
    public interface Visitor {
        /// @param name as written; never empty
        /// @param authorities whether peers are verified by what it holds
        /// @param field path of the name
        /// @param at where the settings begin that have it
        void visit(ResourceMeta owner, String name, boolean authorities, String field, Position at);
    }

    public static void forEach(ConfigurationIndex index, Visitor visitor) {
        for (Gateway gateway : index.selectedGateways()) {
            for (int i = 0; i < gateway.servers().size(); i++) {
                ServerTlsSettings tls = gateway.servers().get(i).tls();
                if (tls != null && tls.mode().terminates()) {
                    ofServer(gateway.meta(), tls, "spec.servers[" + i + "].tls.", visitor);
                }
            }
        }
        index.destinationRules().namingCredentials().forEach(rule -> ofRule(rule, visitor));
    }

    static boolean names(DestinationRule rule) {
        boolean[] any = {false};
        ofRule(rule, (_, _, _, _, _) -> any[0] = true);
        return any[0];
    }

    private static void ofRule(DestinationRule rule, Visitor visitor) {
        ofPolicy(rule.meta(), rule.trafficPolicy(), "spec.trafficPolicy", visitor);
        for (int i = 0; i < rule.subsets().size(); i++) {
            ofPolicy(
                    rule.meta(),
                    rule.subsets().get(i).trafficPolicy(),
                    "spec.subsets[" + i + "].trafficPolicy",
                    visitor);
        }
    }

    private static void ofServer(ResourceMeta owner, ServerTlsSettings tls, String field, Visitor visitor) {
        boolean authorities = tls.mode().asksForCertificate();
        visit(owner, tls.credentialName(), authorities, field + "credentialName", tls.at(), visitor);
        for (int i = 0; i < tls.credentialNames().size(); i++) {
            String each = field + "credentialNames[" + i + "]";
            visit(owner, tls.credentialNames().get(i), authorities, each, tls.at(), visitor);
        }
        visit(owner, tls.caCertCredentialName(), true, field + "caCertCredentialName", tls.at(), visitor);
    }

    private static void ofPolicy(ResourceMeta owner, @Nullable TrafficPolicy policy, String field, Visitor visitor) {
        if (policy == null) {
            return;
        }
        ofClient(owner, policy.tls(), field, visitor);
        for (int i = 0; i < policy.portLevelSettings().size(); i++) {
            ofClient(owner, policy.portLevelSettings().get(i).tls(), field + ".portLevelSettings[" + i + "]", visitor);
        }
    }

    private static void ofClient(ResourceMeta owner, @Nullable ClientTlsSettings tls, String field, Visitor visitor) {
        if (tls != null && tls.mode() != ClientTlsSettings.Mode.DISABLE) {
            visit(owner, tls.credentialName(), true, field + ".tls.credentialName", tls.at(), visitor);
        }
    }

    private static void visit(
            ResourceMeta owner, String name, boolean authorities, String field, Position at, Visitor visitor) {
        if (!name.isEmpty()) {
            visitor.visit(owner, name, authorities, field, at);
        }
    }
}
