package io.sallyport.config.validation;

import io.sallyport.config.model.ClientTlsSettings;
import io.sallyport.config.model.ClientTlsSettings.Mode;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.yaml.Place;
import java.util.ArrayList;
import java.util.List;

/// `ClientTLSSettings`: which certificates each mode needs, and where they may come from.
final class ClientTlsValidator {
    private ClientTlsValidator() {}

    static void validate(ClientTlsSettings tls, Place place) {
        boolean configurable = tls.mode() == Mode.SIMPLE || tls.mode() == Mode.MUTUAL;
        if (configurable && !tls.credentialName().isEmpty()) {
            for (String file : files(tls)) {
                String message = file + " cannot be given together with credentialName";
                place.field(file).report(ProblemCode.BAD_CLIENT_TLS, message, "delete one of the two");
            }
        } else if (tls.mode() == Mode.MUTUAL) {
            required(tls.clientCertificate(), "clientCertificate", place);
            required(tls.privateKey(), "privateKey", place);
        }
        if (tls.mode() == Mode.ISTIO_MUTUAL) {
            for (String file : files(tls)) {
                String message = "ISTIO_MUTUAL uses the gateway's own identity, so the file is not used";
                place.field(file).report(ProblemCode.CERTIFICATE_UNUSED, message, "delete it");
            }
        }
        if (Boolean.TRUE.equals(tls.insecureSkipVerify())) {
            unverified(tls, place);
        }
        if (!tls.sni().isEmpty()) {
            HostNames.checkNameOrAddress(tls.sni(), ProblemCode.BAD_HOST, place.field("sni"));
        }
    }

    private static List<String> files(ClientTlsSettings tls) {
        List<String> given = new ArrayList<>();
        if (!tls.clientCertificate().isEmpty()) {
            given.add("clientCertificate");
        }
        if (!tls.privateKey().isEmpty()) {
            given.add("privateKey");
        }
        if (!tls.caCertificates().isEmpty()) {
            given.add("caCertificates");
        }
        if (!tls.caCrl().isEmpty()) {
            given.add("caCrl");
        }
        return given;
    }

    private static void required(String file, String field, Place place) {
        if (file.isEmpty()) {
            place.field(field).report(ProblemCode.BAD_CLIENT_TLS, "MUTUAL needs " + field, "or give credentialName");
        }
    }

    private static void unverified(ClientTlsSettings tls, Place place) {
        Place skip = place.field("insecureSkipVerify");
        boolean verifies =
                !tls.caCertificates().isEmpty() || !tls.subjectAltNames().isEmpty();
        boolean credential = tls.mode() == Mode.SIMPLE && !tls.credentialName().isEmpty();
        if (verifies || credential) {
            String message = "insecureSkipVerify contradicts caCertificates, subjectAltNames and credentialName";
            skip.report(ProblemCode.BAD_CLIENT_TLS, message, "delete insecureSkipVerify");
        } else if (tls.mode() != Mode.DISABLE) {
            skip.report(ProblemCode.UNVERIFIED_TLS, "anybody may answer for the upstream");
        }
    }
}
