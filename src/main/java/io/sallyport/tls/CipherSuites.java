package io.sallyport.tls;

import io.sallyport.identity.CredentialException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/// The cipher suites to offer, given as OpenSSL names them (Istio's `cipherSuites`) or as IANA does.
final class CipherSuites {
    /// `cipherSuites` cannot choose among these, nor can it in Istio.
    private static final List<String> TLS_1_3 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    /// Forward secrecy and authenticated encryption only; ECDSA first.
    private static final List<String> TLS_1_2_DEFAULT = List.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private static final Map<String, String> OPENSSL = openSslNames();

    /// TLS's numbers of these.
    private static final Map<String, Integer> NUMBERS = Map.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b,
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xc02c,
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca9,
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 0xc009,
            "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", 0xc00a,
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xc02f,
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xc030,
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca8,
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xc013,
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 0xc014);

    private CipherSuites() {}

    /// IANA names in the order to offer them, TLS 1.3's first. Names that are unknown, or that TLS implementations do
    /// not offer any more, such as those of RSA key exchange, are passed over, as Istio does; the validation names
    /// them.
    ///
    /// @param names empty for the default
    /// @throws CredentialException where none is left
    static List<String> of(List<String> names) throws CredentialException {
        Set<String> suites = new LinkedHashSet<>(TLS_1_3);
        if (names.isEmpty()) {
            suites.addAll(TLS_1_2_DEFAULT);
            return new ArrayList<>(suites);
        }
        Set<String> usable = usable();
        for (String name : names) {
            if (name.equals("ALL")) {
                suites.addAll(TLS_1_2_DEFAULT);
                continue;
            }
            for (String member : members(name)) {
                String suite = OPENSSL.getOrDefault(member, member);
                if (OPENSSL.containsValue(suite) && usable.contains(suite)) {
                    suites.add(suite);
                }
            }
        }
        if (suites.size() == TLS_1_3.size() && !TLS_1_3.containsAll(names)) {
            throw new CredentialException(
                    "cipherSuites",
                    "names no suite that can be offered",
                    "use names like ECDHE-RSA-AES128-GCM-SHA256, or leave cipherSuites out");
        }
        return new ArrayList<>(suites);
    }

    /// TLS's numbers of those of TLS 1.2 that go with a kind of key.
    ///
    /// @param names from [#of]
    /// @param rsa else ECDSA and EdDSA
    static List<Integer> numbers(List<String> names, boolean rsa) {
        return names.stream()
                .filter(name -> name.startsWith(rsa ? "TLS_ECDHE_RSA_" : "TLS_ECDHE_ECDSA_"))
                .map(NUMBERS::get)
                .filter(Objects::nonNull)
                .toList();
    }

    /// `[A|B]` is BoringSSL's way to say that the client may choose among these.
    private static List<String> members(String name) {
        boolean group = name.startsWith("[") && name.endsWith("]");
        return group ? List.of(name.substring(1, name.length() - 1).split("\\|")) : List.of(name);
    }

    private static Set<String> usable() throws CredentialException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            // Without managers: the default ones would read all public authorities.
            context.init(new KeyManager[0], new TrustManager[0], null);
            return Set.of(context.getSupportedSSLParameters().getCipherSuites());
        } catch (GeneralSecurityException e) {
            throw new CredentialException("TLS", "is not available (" + e.getMessage() + ")", "check the JDK", e);
        }
    }

    /// Those of Istio's `cipherSuites` that have forward secrecy, in BoringSSL's spelling.
    private static Map<String, String> openSslNames() {
        Map<String, String> names = new LinkedHashMap<>();
        for (String key : List.of("ECDSA", "RSA")) {
            String openSsl = "ECDHE-" + key + "-";
            String iana = "TLS_ECDHE_" + key + "_WITH_";
            names.put(openSsl + "AES128-GCM-SHA256", iana + "AES_128_GCM_SHA256");
            names.put(openSsl + "AES256-GCM-SHA384", iana + "AES_256_GCM_SHA384");
            names.put(openSsl + "CHACHA20-POLY1305", iana + "CHACHA20_POLY1305_SHA256");
            names.put(openSsl + "AES128-SHA", iana + "AES_128_CBC_SHA");
            names.put(openSsl + "AES256-SHA", iana + "AES_256_CBC_SHA");
        }
        return names;
    }
}
