package io.sallyport.runtime;

import io.sallyport.identity.CredentialException;
import io.sallyport.identity.IdentitySource;
import io.sallyport.identity.TrustBundle;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.workload.IdentityService;
import io.sallyport.workload.WorkloadTokens;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Who the gateway is in the mesh, as `/identity` shows it: certificates and where they come from, never a key.
///
/// @param service null where the identity is in files
/// @param tokens null where there is no Workload API
record IdentityReport(
        IdentitySource source,
        @Nullable IdentityService service,
        @Nullable WorkloadTokens tokens) {
    JsonObject json() {
        JsonObject report = new JsonObject().put("source", source.name());
        if (service != null) {
            IdentityService.State state = service.state();
            report.put("service", service.service())
                    .put("connected", state.connected())
                    .put("receivedAt", text(state.receivedAt()))
                    .put("failure", state.failure());
        }
        if (tokens != null) {
            JsonObject svids = new JsonObject();
            tokens.ends().forEach((audience, end) -> svids.put(audience, text(end)));
            report.put("jwtSvids", svids).put("jwtTrustDomains", new JsonArray(List.copyOf(tokens.trustDomains())));
        }
        try {
            WorkloadIdentity identity = source.read();
            return report.put("spiffeId", identity.id().toString())
                    .put("end", text(identity.svid().end()))
                    .put("chain", certificates(identity.svid().chain()))
                    .put("trustDomains", trustDomains(identity));
        } catch (CredentialException none) {
            return report.put("problem", none.getMessage());
        }
    }

    /// Null where there is none that can be used.
    @Nullable
    WorkloadIdentity current() {
        try {
            return source.read();
        } catch (CredentialException none) {
            return null;
        }
    }

    private static JsonObject trustDomains(WorkloadIdentity identity) {
        JsonObject domains = new JsonObject().put(identity.id().trustDomain(), bundle(identity.trust()));
        new TreeMap<>(identity.trust().federated()).forEach((domain, trust) -> domains.put(domain, bundle(trust)));
        return domains;
    }

    private static JsonObject bundle(TrustBundle bundle) {
        return new JsonObject()
                .put("authorities", certificates(bundle.authorities()))
                .put("revocationLists", bundle.crls().size());
    }

    private static JsonArray certificates(Iterable<X509Certificate> all) {
        JsonArray shown = new JsonArray();
        for (X509Certificate certificate : all) {
            shown.add(new JsonObject()
                    .put("subject", certificate.getSubjectX500Principal().getName())
                    .put("issuer", certificate.getIssuerX500Principal().getName())
                    .put("serial", certificate.getSerialNumber().toString(16))
                    .put("notBefore", certificate.getNotBefore().toInstant().toString())
                    .put("notAfter", certificate.getNotAfter().toInstant().toString()));
        }
        return shown;
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
