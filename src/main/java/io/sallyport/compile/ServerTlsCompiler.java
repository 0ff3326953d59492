package io.sallyport.compile;

import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.TrustBundle;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.tls.DownstreamTlsContext;
import io.sallyport.tls.DownstreamTlsSpec;
import io.sallyport.tls.TlsVersion;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns a server's TLS settings and the files they name into the context that terminates its TLS.
final class ServerTlsCompiler {
    private static final List<String> HTTP = List.of("h2", "http/1.1");

    private final Compilation compilation;
    private final Credentials credentials;

    ServerTlsCompiler(Compilation compilation) {
        this.compilation = compilation;
        this.credentials = compilation.credentials();
    }

    /// @param isHttp whether ALPN offers HTTP/2 and HTTP/1.1
    /// @return null where nobody can be served, because a certificate is not there or not read, or the authorities
    ///     to verify clients by are not; it has been reported, here or by the analysis
    @Nullable
    DownstreamTlsContext compile(GatewayServer server, boolean isHttp) {
        ServerTlsSettings tls = server.server().tls();
        return tls == null
                ? null
                : compile(
                        tls,
                        new Credentials.Asker(server.gateway().meta().namespace(), tls.at(), server.field("tls")),
                        isHttp);
    }

    @Nullable
    DownstreamTlsContext compile(ServerTlsSettings tls, Credentials.Asker asker, boolean isHttp) {
        List<Credential> chains = chains(tls, asker);
        boolean mutual = tls.mode() != ServerTlsSettings.Mode.SIMPLE;
        TrustBundle trust = mutual ? trust(tls, asker) : null;
        DownstreamTlsSpec spec = spec(tls, chains, trust, isHttp);
        try {
            DownstreamTlsContext.checkSettings(spec);
        } catch (CredentialException failure) {
            credentials.report(ProblemCode.INVALID_TLS_SETTINGS, failure, asker);
            return null;
        }
        if (chains.isEmpty() || (mutual && trust == null)) {
            return null;
        }
        try {
            return compilation.tls().of(spec);
        } catch (CredentialException failure) {
            credentials.report(ProblemCode.UNUSABLE_CREDENTIAL, failure, asker);
            return null;
        }
    }

    private List<Credential> chains(ServerTlsSettings tls, Credentials.Asker asker) {
        List<Credential> chains = new ArrayList<>();
        if (tls.mode() == ServerTlsSettings.Mode.ISTIO_MUTUAL) {
            WorkloadIdentity own = credentials.identity(asker, ProblemCode.NO_IDENTITY);
            addIfUsable(own == null ? null : own.svid(), chains);
            return chains;
        }
        List<String> names = tls.credentialNames().isEmpty() ? List.of(tls.credentialName()) : tls.credentialNames();
        for (String name : names) {
            if (!name.isEmpty()) {
                addIfUsable(credentials.secret(name, asker), chains);
            }
        }
        if (names.stream().anyMatch(name -> !name.isEmpty())) {
            return chains;
        }
        if (!tls.serverCertificate().isEmpty()) {
            addIfUsable(credentials.files(tls.serverCertificate(), tls.privateKey(), asker), chains);
        }
        for (ServerTlsSettings.TlsCertificate pair : tls.tlsCertificates()) {
            addIfUsable(credentials.files(pair.serverCertificate(), pair.privateKey(), asker), chains);
        }
        return chains;
    }

    private @Nullable TrustBundle trust(ServerTlsSettings tls, Credentials.Asker asker) {
        if (tls.mode() == ServerTlsSettings.Mode.ISTIO_MUTUAL) {
            WorkloadIdentity own = credentials.identity(asker, ProblemCode.NO_IDENTITY);
            return own == null ? null : own.trust();
        }
        if (!tls.caCertificates().isEmpty()) {
            return credentials.trustFiles(tls.caCertificates(), tls.caCrl(), asker);
        }
        String name = !tls.caCertCredentialName().isEmpty()
                ? tls.caCertCredentialName()
                : tls.credentialNames().isEmpty()
                        ? tls.credentialName()
                        : tls.credentialNames().getFirst();
        TrustBundle trust = name.isEmpty() ? null : credentials.secretTrust(name, asker);
        if (trust == null && compilation.options().secrets() != null && !credentials.isPending(name, true, asker)) {
            credentials.report(
                    ProblemCode.UNUSABLE_TRUST_BUNDLE,
                    asker,
                    "mode " + tls.mode() + " has no authorities to verify client certificates against",
                    "put ca.crt into the secret, or set caCertificates; until then nobody is served");
        }
        return trust;
    }

    private DownstreamTlsSpec spec(
            ServerTlsSettings tls, List<Credential> chains, @Nullable TrustBundle trust, boolean isHttp) {
        DownstreamTlsSpec.Mode mode =
                switch (tls.mode()) {
                    case SIMPLE -> DownstreamTlsSpec.Mode.SIMPLE;
                    case MUTUAL -> DownstreamTlsSpec.Mode.MUTUAL;
                    case OPTIONAL_MUTUAL -> DownstreamTlsSpec.Mode.OPTIONAL_MUTUAL;
                    case ISTIO_MUTUAL -> DownstreamTlsSpec.Mode.ISTIO_MUTUAL;
                    case PASSTHROUGH, AUTO_PASSTHROUGH ->
                        throw new IllegalArgumentException("does not terminate: " + tls.mode());
                };
        return new DownstreamTlsSpec(
                mode,
                chains,
                trust,
                compilation.options().trustDomains().names(),
                tls.subjectAltNames(),
                tls.verifyCertificateSpki(),
                tls.verifyCertificateHash(),
                Boolean.TRUE.equals(tls.insecureSkipVerify()),
                version(tls.minProtocolVersion()),
                version(tls.maxProtocolVersion()),
                tls.cipherSuites(),
                isHttp ? HTTP : List.of());
    }

    private static @Nullable TlsVersion version(ServerTlsSettings.TlsProtocol protocol) {
        return switch (protocol) {
            case TLS_AUTO -> null;
            // RFC 8996 forbids the older versions; asking for them as a minimum still gets the lowest there is.
            case TLSV1_0, TLSV1_1, TLSV1_2 -> TlsVersion.TLS_1_2;
            case TLSV1_3 -> TlsVersion.TLS_1_3;
        };
    }

    private static void addIfUsable(@Nullable Credential credential, List<Credential> chains) {
        if (credential != null) {
            chains.add(credential);
        }
    }
}
