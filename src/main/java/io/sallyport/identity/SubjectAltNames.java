package io.sallyport.identity;

import io.netty.util.NetUtil;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// The subject alternative names of a certificate (RFC 5280 section 4.2.1.6). Its subject's common name is none (RFC
/// 9525 section 2).
///
/// @param dns in lower case
/// @param other e-mail addresses
public record SubjectAltNames(List<String> dns, List<String> uris, List<String> addresses, List<String> other) {
    private static final int EMAIL = 1;
    private static final int DNS = 2;
    private static final int URI = 6;
    private static final int ADDRESS = 7;

    /// The names of `certificate`; none where the extension cannot be parsed, so that nothing matches it.
    public static SubjectAltNames of(X509Certificate certificate) {
        SubjectAltNames names =
                new SubjectAltNames(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            if (all != null) {
                all.forEach(names::add);
            }
            return names;
        } catch (CertificateParsingException e) {
            return new SubjectAltNames(List.of(), List.of(), List.of(), List.of());
        }
    }

    private void add(List<?> entry) {
        if (!(entry.get(1) instanceof String value)) {
            return;
        }
        switch ((Integer) entry.get(0)) {
            // What is no host's name (the JDK does not look) could pass for a URI where any name of a peer counts.
            case DNS -> {
                if (value.indexOf('/') < 0 && value.indexOf(':') < 0) {
                    dns.add(value.toLowerCase(Locale.ROOT));
                }
            }
            case URI -> uris.add(value);
            case ADDRESS -> addresses.add(value);
            case EMAIL -> other.add(value);
            default -> {}
        }
    }

    /// Whether the certificate is one for `host`, a DNS name or IP address in lower case.
    public boolean covers(String host) {
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        byte[] address = NetUtil.createByteArrayFromIpAddressString(name);
        if (address != null) {
            for (String candidate : addresses) {
                if (Arrays.equals(address, NetUtil.createByteArrayFromIpAddressString(candidate))) {
                    return true;
                }
            }
            return false;
        }
        for (String pattern : dns) {
            if (pattern.equals(name) || wildcardCovers(pattern, name)) {
                return true;
            }
        }
        return false;
    }

    /// Whether any name, of any type, is `expected`: how Istio's `subjectAltNames` are meant.
    boolean hold(String expected) {
        return uris.contains(expected) || other.contains(expected) || covers(expected.toLowerCase(Locale.ROOT));
    }

    /// `*.example.com` stands for exactly one label; a wildcard right above a top-level domain is not honoured.
    private static boolean wildcardCovers(String pattern, String name) {
        if (!pattern.startsWith("*.") || pattern.indexOf('.', 2) < 0) {
            return false;
        }
        int dot = name.indexOf('.');
        return dot > 0 && name.substring(dot).equals(pattern.substring(1));
    }
}
