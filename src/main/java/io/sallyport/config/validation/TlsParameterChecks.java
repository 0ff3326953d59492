package io.sallyport.config.validation;

import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.config.model.ServerTlsSettings.TlsProtocol;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.Suggestion;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Versions, cipher suites and pins of `ServerTLSSettings`.
final class TlsParameterChecks {
    /// The suites of TLS 1.2 that `ServerTLSSettings.cipher_suites` lists; those of 1.3 are not configurable.
    private static final List<String> CIPHER_SUITES = List.of(
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-ECDSA-CHACHA20-POLY1305",
            "ECDHE-RSA-CHACHA20-POLY1305",
            "ECDHE-ECDSA-AES128-SHA",
            "ECDHE-RSA-AES128-SHA",
            "ECDHE-ECDSA-AES256-SHA",
            "ECDHE-RSA-AES256-SHA");

    /// With RSA key exchange, which no TLS implementation here offers any more.
    private static final List<String> RSA_KEY_EXCHANGE =
            List.of("AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA");

    /// The same suites, and those of TLS 1.3, by their names at IANA.
    private static final Pattern IANA =
            Pattern.compile("TLS_ECDHE_(ECDSA|RSA)_WITH_(AES_128_GCM_SHA256|AES_256_GCM_SHA384|CHACHA20_POLY1305_SHA256"
                    + "|AES_128_CBC_SHA|AES_256_CBC_SHA)"
                    + "|TLS_(AES_128_GCM_SHA256|AES_256_GCM_SHA384|CHACHA20_POLY1305_SHA256)");

    private static final Pattern HEX_SHA256 = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Pattern HEX_SHA256_WITH_COLONS = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){31}");

    private TlsParameterChecks() {}

    static void check(ServerTlsSettings tls, Place place) {
        versions(tls.minProtocolVersion(), tls.maxProtocolVersion(), place);
        cipherSuites(tls.cipherSuites(), place.field("cipherSuites"));
        for (int i = 0; i < tls.verifyCertificateSpki().size(); i++) {
            String pin = tls.verifyCertificateSpki().get(i);
            if (!isBase64Sha256(pin)) {
                String message = Quote.of(pin) + " is not the base64 of a SHA-256";
                place.field("verifyCertificateSpki").index(i).report(ProblemCode.BAD_PIN, message);
            }
        }
        for (int i = 0; i < tls.verifyCertificateHash().size(); i++) {
            String pin = tls.verifyCertificateHash().get(i);
            if (!HEX_SHA256.matcher(pin).matches()
                    && !HEX_SHA256_WITH_COLONS.matcher(pin).matches()) {
                String message = Quote.of(pin) + " is not a SHA-256 in hex";
                place.field("verifyCertificateHash").index(i).report(ProblemCode.BAD_PIN, message);
            }
        }
    }

    private static boolean isBase64Sha256(String pin) {
        try {
            return pin.length() == 44 && Base64.getDecoder().decode(pin).length == 32;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void versions(TlsProtocol min, TlsProtocol max, Place place) {
        if (isOld(max)) {
            String message = max + " is broken and not served, so no client could connect";
            place.field("maxProtocolVersion").report(ProblemCode.BAD_TLS_VERSION, message, "TLSV1_2 at least");
        } else if (max != TlsProtocol.TLS_AUTO && min.compareTo(max) > 0) {
            String message = "the minimum " + min + " is above the maximum " + max;
            place.field("minProtocolVersion").report(ProblemCode.BAD_TLS_VERSION, message);
        }
        if (isOld(min)) {
            String message = min + " is broken and not served; TLSV1_2 is the least";
            place.field("minProtocolVersion").report(ProblemCode.OLD_TLS_VERSION, message);
        }
    }

    private static boolean isOld(TlsProtocol version) {
        return version == TlsProtocol.TLSV1_0 || version == TlsProtocol.TLSV1_1;
    }

    private static void cipherSuites(List<String> suites, Place place) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < suites.size(); i++) {
            String suite = suites.get(i);
            if (RSA_KEY_EXCHANGE.contains(suite)) {
                String message = "cipher suite " + suite + " has no forward secrecy and is skipped";
                place.index(i).report(ProblemCode.BAD_CIPHER, message, "delete it");
            } else if (!isKnown(suite)) {
                String message = "cipher suite " + Quote.of(suite) + " is unknown and skipped";
                place.index(i).report(ProblemCode.BAD_CIPHER, message, Suggestion.didYouMean(suite, CIPHER_SUITES));
            } else if (!seen.add(suite)) {
                place.index(i).report(ProblemCode.BAD_CIPHER, "cipher suite " + suite + " is given twice");
            }
        }
    }

    /// `[A|B]` is BoringSSL's way to say that the client may choose among these.
    private static boolean isKnown(String suite) {
        if (suite.startsWith("[") && suite.endsWith("]")) {
            return List.of(suite.substring(1, suite.length() - 1).split("\\|")).stream()
                    .allMatch(TlsParameterChecks::isKnown);
        }
        return suite.equals("ALL")
                || CIPHER_SUITES.contains(suite)
                || IANA.matcher(suite).matches();
    }
}
