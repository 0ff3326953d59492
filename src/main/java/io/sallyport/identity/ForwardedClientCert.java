package io.sallyport.identity;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/// The element of `X-Forwarded-Client-Cert` for one verified client, `By=…;Hash=…;Cert="…";Subject="…";URI=…;DNS=…`, in
/// the order and with the quoting that Envoy documents for the header. Costly enough to be made once a connection.
public final class ForwardedClientCert {
    /// What Envoy leaves out unless it is asked for (`SetCurrentClientCertDetails`); `By` and `Hash` are always there.
    public enum Field {
        /// The certificate, as URL-encoded PEM.
        CERT,
        /// The same of all certificates that the client has sent.
        CHAIN,
        SUBJECT,
        /// Each URI name; `URI=` where there is none.
        URI,
        /// Each DNS name.
        DNS
    }

    /// RFC 2253 knows nine keywords; OpenSSL, and so Envoy, spells this one as well.
    private static final Map<String, String> KEYWORDS = Map.of("1.2.840.113549.1.9.1", "emailAddress");

    private static final int PEM_LINE = 64;
    private static final Base64.Encoder PEM = Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'});

    private final StringBuilder element = new StringBuilder(256);

    private ForwardedClientCert() {}

    /// @param chain of the client, its own certificate first
    /// @param by the URI names of the gateway's own certificate
    public static String element(List<X509Certificate> chain, List<String> by, Set<Field> fields) {
        return new ForwardedClientCert().write(chain, by, fields);
    }

    private String write(List<X509Certificate> chain, List<String> by, Set<Field> fields) {
        X509Certificate client = chain.getFirst();
        SubjectAltNames names = SubjectAltNames.of(client);
        appendAll("By", by);
        append("Hash", Fingerprint.of(client));
        if (fields.contains(Field.CERT)) {
            start("Cert").append('"').append(encoded(List.of(client))).append('"');
        }
        if (fields.contains(Field.CHAIN)) {
            start("Chain").append('"').append(encoded(chain)).append('"');
        }
        if (fields.contains(Field.SUBJECT)) {
            start("Subject");
            quote(subject(client));
        }
        if (fields.contains(Field.URI)) {
            appendAll("URI", names.uris().isEmpty() ? List.of("") : names.uris());
        }
        if (fields.contains(Field.DNS)) {
            appendAll("DNS", names.dns());
        }
        return element.toString();
    }

    private void appendAll(String key, List<String> values) {
        for (String value : values) {
            append(key, value);
        }
    }

    private void append(String key, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '=' || c == '\\') {
                start(key);
                quote(value.replace("\\", "\\5C"));
                return;
            }
        }
        start(key).append(value);
    }

    /// As Envoy encodes PEM for this header: what a line or a parser of URLs could take for something else.
    private static String encoded(List<X509Certificate> certificates) {
        StringBuilder pem = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            try {
                pem.append("-----BEGIN CERTIFICATE-----\n")
                        .append(PEM.encodeToString(certificate.getEncoded()))
                        .append("\n-----END CERTIFICATE-----\n");
            } catch (CertificateEncodingException impossible) {
                throw new IllegalStateException("what was parsed has an encoding", impossible);
            }
        }
        return pem.toString()
                .replace("\n", "%0A")
                .replace(" ", "%20")
                .replace("+", "%2B")
                .replace("/", "%2F")
                .replace("=", "%3D");
    }

    /// RFC 2253 escapes a quote as `\"` and a backslash as `\\`, on which readers of the header disagree. Its
    /// hexadecimal form leaves no backslash in front of the closing quote, nor a quote within.
    private static String subject(X509Certificate client) {
        String name = client.getSubjectX500Principal().getName(X500Principal.RFC2253, KEYWORDS);
        return name.replace("\\\\", "\\5C").replace("\\\"", "\\22");
    }

    /// Control and non-ASCII bytes become `\XX`, as OpenSSL prints RFC 2253 names: a certificate cannot end the
    /// header line.
    private void quote(String value) {
        element.append('"');
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b < 0x7f && b != '"') {
                element.append((char) b);
            } else {
                element.append('\\').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        element.append('"');
    }

    private StringBuilder start(String key) {
        if (!element.isEmpty()) {
            element.append(';');
        }
        return element.append(key).append('=');
    }
}
