package io.sallyport.compile;

import io.sallyport.config.model.ClientTlsSettings;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.TrustBundle;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.tls.UpstreamTlsSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Turns a DestinationRule's TLS settings and the files they name into what a cluster's connections are made with.
final class ClientTlsCompiler {
    private final CompileOptions options;
    private final TlsContexts contexts;
    private final Credentials credentials;
    /// By the names that are expected of the endpoints.
    private final Map<List<String>, UpstreamTlsSpec> ofMesh = new HashMap<>();

    ClientTlsCompiler(CompileOptions options, TlsContexts contexts, Credentials credentials) {
        this.options = options;
        this.contexts = contexts;
        this.credentials = credentials;
    }

    /// @param namespace of the DestinationRule
    /// @param serviceNames `ServiceEntry.subjectAltNames`, expected where the rule expects none itself
    /// @param serverName by which the mesh's own TLS asks for the cluster where the rule names none (Istio pilot,
    ///     `buildUpstreamTLSSettings`)
    /// @return incomplete where something that the settings name is not there or not read: then nothing is sent to
    ///     the endpoints, least of all in plain text
    UpstreamTlsSpec compile(ClientTlsSettings tls, String namespace, List<String> serviceNames, String serverName) {
        Credentials.Asker asker = new Credentials.Asker(namespace, tls.at(), "spec.trafficPolicy.tls");
        Credential client = null;
        TrustBundle trust = null;
        switch (tls.mode()) {
            case DISABLE -> throw new IllegalArgumentException("DISABLE has no context");
            case SIMPLE -> trust = trust(tls, asker);
            case MUTUAL -> {
                client = client(tls, asker);
                trust = trust(tls, asker);
            }
            case ISTIO_MUTUAL -> {
                WorkloadIdentity own = credentials.identity(asker, ProblemCode.NO_CLIENT_IDENTITY);
                client = own == null ? null : own.svid();
                trust = own == null ? null : own.trust();
            }
        }
        List<String> names = tls.subjectAltNames().isEmpty() ? serviceNames : tls.subjectAltNames();
        UpstreamTlsSpec spec = new UpstreamTlsSpec(
                mode(tls.mode()),
                client,
                trust,
                !tls.sni().isEmpty()
                        ? tls.sni()
                        : tls.mode() == ClientTlsSettings.Mode.ISTIO_MUTUAL ? serverName : null,
                names,
                Boolean.TRUE.equals(tls.insecureSkipVerify()),
                options.trustDomains().names(),
                isComplete(tls, client, trust));
        return checked(spec, asker);
    }

    /// The mesh's own TLS, where no DestinationRule says otherwise.
    ///
    /// @param serviceNames `ServiceEntry.subjectAltNames`
    /// @param reported a gateway without an identity is reported
    /// @return null where the gateway has none
    @Nullable
    UpstreamTlsSpec ofMesh(List<String> serviceNames, Credentials.Asker asker, boolean reported) {
        if (!credentials.hasIdentity()) {
            if (reported) {
                credentials.report(
                        ProblemCode.WORKLOADS_WITHOUT_IDENTITY,
                        asker,
                        "endpoints have the label security.istio.io/tlsMode: istio or a service account, and the gateway has"
                                + " no certificate of the mesh: they are sent plain text",
                        "mount it and set sallyport.identity.dir, or set sallyport.identity.endpoint-socket");
            }
            return null;
        }
        UpstreamTlsSpec known = ofMesh.get(serviceNames);
        if (known != null) {
            return known;
        }
        WorkloadIdentity own = credentials.identity(asker, ProblemCode.NO_CLIENT_IDENTITY);
        UpstreamTlsSpec made = checked(
                new UpstreamTlsSpec(
                        UpstreamTlsSpec.Mode.ISTIO_MUTUAL,
                        own == null ? null : own.svid(),
                        own == null ? null : own.trust(),
                        null,
                        serviceNames,
                        false,
                        options.trustDomains().names(),
                        own != null),
                asker);
        ofMesh.put(serviceNames, made);
        return made;
    }

    private UpstreamTlsSpec checked(UpstreamTlsSpec spec, Credentials.Asker asker) {
        if (!spec.complete()) {
            return spec;
        }
        try {
            contexts.check(spec);
            return spec;
        } catch (CredentialException failure) {
            credentials.report(ProblemCode.UNUSABLE_CREDENTIAL, failure, asker);
            return spec.incomplete();
        }
    }

    /// Authorities that are asked for and cannot be read must not fall back to the system's: that would trust more.
    private static boolean isComplete(ClientTlsSettings tls, @Nullable Credential client, @Nullable TrustBundle trust) {
        boolean needsClient = tls.mode() != ClientTlsSettings.Mode.SIMPLE;
        boolean namesTrust = tls.mode() == ClientTlsSettings.Mode.ISTIO_MUTUAL
                || !tls.caCertificates().isEmpty()
                || (!tls.credentialName().isEmpty() && !Boolean.TRUE.equals(tls.insecureSkipVerify()));
        return (!needsClient || client != null) && (!namesTrust || trust != null);
    }

    private @Nullable Credential client(ClientTlsSettings tls, Credentials.Asker asker) {
        return tls.credentialName().isEmpty()
                ? credentials.files(tls.clientCertificate(), tls.privateKey(), asker)
                : credentials.secret(tls.credentialName(), asker);
    }

    private @Nullable TrustBundle trust(ClientTlsSettings tls, Credentials.Asker asker) {
        if (!tls.caCertificates().isEmpty()) {
            return credentials.trustFiles(tls.caCertificates(), tls.caCrl(), asker);
        }
        return tls.credentialName().isEmpty() ? null : credentials.secretTrust(tls.credentialName(), asker);
    }

    private static UpstreamTlsSpec.Mode mode(ClientTlsSettings.Mode mode) {
        return switch (mode) {
            case SIMPLE -> UpstreamTlsSpec.Mode.SIMPLE;
            case MUTUAL -> UpstreamTlsSpec.Mode.MUTUAL;
            case ISTIO_MUTUAL -> UpstreamTlsSpec.Mode.ISTIO_MUTUAL;
            case DISABLE -> throw new IllegalArgumentException("DISABLE has no context");
        };
    }
}
