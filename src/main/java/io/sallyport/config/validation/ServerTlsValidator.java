package io.sallyport.config.validation;

import static io.sallyport.config.model.ServerTlsSettings.Mode.ISTIO_MUTUAL;
import static io.sallyport.config.model.ServerTlsSettings.Mode.MUTUAL;
import static io.sallyport.config.model.ServerTlsSettings.Mode.OPTIONAL_MUTUAL;
import static io.sallyport.config.model.ServerTlsSettings.Mode.PASSTHROUGH;
import static io.sallyport.config.model.ServerTlsSettings.Mode.SIMPLE;

import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.config.model.ServerTlsSettings.TlsCertificate;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.yaml.Place;
import java.util.ArrayList;
import java.util.List;

/// `ServerTLSSettings`: which certificates each mode needs, and where they may come from.
final class ServerTlsValidator {
    private ServerTlsValidator() {}

    /// On a plain HTTP port only `httpsRedirect` makes sense, on another plain port nothing.
    static void onPlainPort(ServerTlsSettings tls, PortProtocol protocol, Place place) {
        if (!protocol.isPlainHttp()) {
            place.report(ProblemCode.TLS_FORBIDDEN, protocol + " ports have no tls", "use protocol TLS, or delete tls");
        } else if (tls.mode() != PASSTHROUGH
                || !sources(tls).isEmpty()
                || !tls.caCertificates().isEmpty()) {
            String message = protocol + " is plain text: tls may only have httpsRedirect there";
            place.report(ProblemCode.TLS_FORBIDDEN, message, "use protocol HTTPS, or delete the rest of tls");
        }
    }

    static void validate(ServerTlsSettings tls, Place place) {
        if (tls.httpsRedirect()) {
            String message = "httpsRedirect has no effect: the port is not plain HTTP";
            place.field("httpsRedirect").report(ProblemCode.REDIRECT_UNUSED, message);
        }
        if (Boolean.TRUE.equals(tls.insecureSkipVerify())) {
            insecure(tls.mode(), place.field("insecureSkipVerify"));
        }
        TlsParameterChecks.check(tls, place);
        List<String> sources = sources(tls);
        if (isByCredential(tls) && tls.mode().terminates() && tls.mode() != ISTIO_MUTUAL) {
            for (String source : sources) {
                if (!source.startsWith("credentialName")) {
                    String message = "the certificate is " + sources.getFirst() + "'s, so " + source + " is not used";
                    place.field(source).report(ProblemCode.CERTIFICATE_UNUSED, message, "delete it");
                }
            }
            sources.removeIf(source -> !source.startsWith("credentialName"));
        }
        if (sources.size() > 1) {
            String message = sources.get(1) + " cannot be given together with " + sources.getFirst();
            place.field(sources.get(1)).report(ProblemCode.CERTIFICATE_CONFLICT, message);
        }
        if (tls.mode() == ISTIO_MUTUAL) {
            withoutCertificates(tls, sources, place);
        } else if (!tls.mode().terminates()) {
            List<String> unused = new ArrayList<>(sources);
            if (!tls.caCertificates().isEmpty()) {
                unused.add("caCertificates");
            }
            if (!tls.caCrl().isEmpty()) {
                unused.add("caCrl");
            }
            for (String field : unused) {
                String message = tls.mode() + " does not end TLS, so " + field + " is not used";
                place.field(field).report(ProblemCode.CERTIFICATE_UNUSED, message);
            }
        } else {
            withCertificates(tls, sources, place);
        }
        crl(tls, place);
    }

    private static void insecure(ServerTlsSettings.Mode mode, Place place) {
        if (mode == MUTUAL || mode == OPTIONAL_MUTUAL) {
            String message = "clients are let in whose certificate cannot be verified; policies see none of theirs";
            place.report(ProblemCode.UNVERIFIED_TLS, message);
        } else {
            String message = mode == ISTIO_MUTUAL
                    ? "ISTIO_MUTUAL verifies every client all the same"
                    : mode + " asks for no client certificate, so insecureSkipVerify is not used";
            place.report(ProblemCode.CERTIFICATE_UNUSED, message, "delete it");
        }
    }

    private static boolean isByCredential(ServerTlsSettings tls) {
        return !tls.credentialName().isEmpty() || !tls.credentialNames().isEmpty();
    }

    /// The fields of those sources of a server certificate that are given.
    private static List<String> sources(ServerTlsSettings tls) {
        List<String> sources = new ArrayList<>();
        if (!tls.credentialName().isEmpty()) {
            sources.add("credentialName");
        }
        if (!tls.credentialNames().isEmpty()) {
            sources.add("credentialNames");
        }
        if (!tls.tlsCertificates().isEmpty()) {
            sources.add("tlsCertificates");
        }
        if (!tls.serverCertificate().isEmpty()) {
            sources.add("serverCertificate");
        } else if (!tls.privateKey().isEmpty()) {
            sources.add("privateKey");
        }
        return sources;
    }

    private static void withoutCertificates(ServerTlsSettings tls, List<String> sources, Place place) {
        List<String> given = new ArrayList<>(sources);
        if (!tls.caCertificates().isEmpty()) {
            given.add("caCertificates");
        }
        for (String field : given) {
            String message = "ISTIO_MUTUAL uses the gateway's own identity";
            place.field(field).report(ProblemCode.CERTIFICATE_CONFLICT, message, "delete it");
        }
    }

    private static void withCertificates(ServerTlsSettings tls, List<String> sources, Place place) {
        tooMany(tls.credentialNames().size(), place.field("credentialNames"));
        tooMany(tls.tlsCertificates().size(), place.field("tlsCertificates"));
        if (isByCredential(tls)) {
            return;
        }
        if (sources.isEmpty()) {
            place.report(ProblemCode.CERTIFICATE_MISSING, tls.mode() + " needs a certificate", "give credentialName");
        } else if (tls.tlsCertificates().isEmpty()) {
            files(tls.serverCertificate(), tls.privateKey(), place);
        }
        for (int i = 0; i < tls.tlsCertificates().size(); i++) {
            TlsCertificate certificate = tls.tlsCertificates().get(i);
            files(
                    certificate.serverCertificate(),
                    certificate.privateKey(),
                    place.field("tlsCertificates").index(i));
        }
        boolean verifies = tls.mode() == MUTUAL || tls.mode() == OPTIONAL_MUTUAL;
        if (verifies
                && tls.caCertificates().isEmpty()
                && tls.caCertCredentialName().isEmpty()) {
            String message = tls.mode() + " needs the CA of the clients' certificates";
            place.report(ProblemCode.CLIENT_CA_MISSING, message, "give caCertificates or credentialName");
        }
    }

    private static void files(String certificate, String key, Place place) {
        if (certificate.isEmpty()) {
            place.report(ProblemCode.CERTIFICATE_MISSING, "serverCertificate is missing");
        }
        if (key.isEmpty()) {
            place.report(ProblemCode.CERTIFICATE_MISSING, "privateKey is missing");
        }
    }

    private static void tooMany(int certificates, Place place) {
        if (certificates > 2) {
            place.report(ProblemCode.CERTIFICATE_CONFLICT, "at most two certificates: one RSA, one ECDSA");
        }
    }

    private static void crl(ServerTlsSettings tls, Place place) {
        if (tls.caCrl().isEmpty()) {
            return;
        }
        if (!tls.credentialName().isEmpty()) {
            String message = "a credential has its own ca.crl";
            place.field("caCrl").report(ProblemCode.BAD_CRL, message, "put the list into the secret");
        } else if (tls.mode() == SIMPLE) {
            place.field("caCrl").report(ProblemCode.BAD_CRL, "SIMPLE asks for no client certificate");
        }
    }
}
