package io.sallyport.identity;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/// The element of `X-Forwarded-Client-Cert` for one verified client: `By=…;Hash=…;Subject="…";URI=…;DNS=…`, in the
/// order and with the quoting that Envoy documents for the header. Costly enough to be made once a connection.
public final class ForwardedClientCert {
    /// RFC 2253 knows nine keywords; OpenSSL, and so Envoy, spells this one as well.
    private static final Map<String, String> KEYWORDS = Map.of("1.2.840.113549.1.9.1", "emailAddress");

    private ForwardedClientCert() {}

    /// @param by the URI name of the gateway's own certificate, or null
    public static String element(X509Certificate client, @Nullable String by) {
        SubjectAltNames names = SubjectAltNames.of(client);
        StringBuilder element = new StringBuilder(256);
        if (by != null) {
            append(element, "By", by);
        }
        append(element, "Hash", Fingerprint.of(client));
        quote(start(element, "Subject"), subject(client));
        appendAll(element, "URI", names.uris());
        appendAll(element, "DNS", names.dns());
        return element.toString();
    }

    private static void appendAll(StringBuilder element, String key, List<String> values) {
        for (String value : values) {
            append(element, key, value);
        }
    }

    private static void append(StringBuilder element, String key, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '=' || c == '\\') {
                quote(start(element, key), value.replace("\\", "\\5C"));
                return;
            }
        }
        start(element, key).append(value);
    }

    /// RFC 2253 escapes a quote as `\"` and a backslash as `\\`, on which readers of the header disagree. Its
    /// hexadecimal form leaves no backslash in front of the closing quote, nor a quote within.
    private static String subject(X509Certificate client) {
        String name = client.getSubjectX500Principal().getName(X500Principal.RFC2253, KEYWORDS);
        return name.replace("\\\\", "\\5C").replace("\\\"", "\\22");
    }

    /// Control and non-ASCII bytes become `\XX`, as OpenSSL prints RFC 2253 names: a certificate cannot end the
    /// header line.
    private static void quote(StringBuilder element, String value) {
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

    private static StringBuilder start(StringBuilder element, String key) {
        if (!element.isEmpty()) {
            element.append(';');
        }
        return element.append(key).append('=');
    }
}
