package io.sallyport.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/// The groups for key exchange, in order of preference: a setting of the process, chosen before the first handshake.
///
/// X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem) protects against an attacker who records now and has a quantum
/// computer later. BoringSSL supports it; JDK 25 does not, and ignores it.
public final class TlsGroups {
    /// By default.
    public static final List<String> DEFAULT = List.of("X25519MLKEM768", "X25519", "P-256", "P-384");

    private static final String HYBRID = "X25519MLKEM768";
    /// As BoringSSL and the JDK name them.
    private static final Map<String, String> JDK =
            Map.of("X25519", "x25519", "P-256", "secp256r1", "P-384", "secp384r1", "P-521", "secp521r1");

    /// Their numbers in TLS (RFC 8446 section 4.2.7).
    private static final Map<String, Integer> NUMBERS = Map.of("X25519", 29, "P-256", 23, "P-384", 24, "P-521", 25);

    private static volatile List<String> chosen = DEFAULT;

    private TlsGroups() {}

    /// @param names such as `X25519MLKEM768`, `X25519`, `P-256` or `secp256r1`, in any case
    /// @throws IllegalArgumentException for an unknown one, or where the JDK's TLS would be left without any
    public static void choose(List<String> names) {
        chosen = parse(names);
    }

    /// As [#choose], but that only the names are checked.
    public static List<String> parse(List<String> names) {
        List<String> groups = new ArrayList<>();
        for (String name : names) {
            String group = parse(name.strip());
            if (!groups.contains(group)) {
                groups.add(group);
            }
        }
        if (groups.stream().noneMatch(JDK::containsKey)) {
            throw new IllegalArgumentException(
                    "needs one of X25519, P-256, P-384 and P-521: not every client, and not the JDK's TLS, has the others");
        }
        return List.copyOf(groups);
    }

    private static String parse(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.equals(HYBRID.toLowerCase(Locale.ROOT))) {
            return HYBRID;
        }
        return JDK.entrySet().stream()
                .filter(group -> group.getKey().equalsIgnoreCase(name)
                        || group.getValue().equals(lower))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "\"" + name + "\" is not one of X25519MLKEM768, X25519, P-256, P-384 and P-521"));
    }

    static String[] ofBoringSsl() {
        return chosen.toArray(String[]::new);
    }

    static String[] ofJdk() {
        return chosen.stream().filter(JDK::containsKey).map(JDK::get).toArray(String[]::new);
    }

    /// Makes the JDK's engine of a server answer the first ClientHello of TLS 1.3 with a HelloRetryRequest, by leaving
    /// it no group that the client has sent a key share for.
    ///
    /// @param others numbers of the groups that the client knows besides
    /// @return false where there is no such group, or no TLS 1.3: nothing is changed then
    public static boolean forceRetry(SSLEngine engine, List<Integer> others) {
        String[] groups = chosen.stream()
                .filter(JDK::containsKey)
                .filter(group -> others.contains(NUMBERS.get(group)))
                .map(JDK::get)
                .toArray(String[]::new);
        if (groups.length == 0 || !List.of(engine.getEnabledProtocols()).contains("TLSv1.3")) {
            return false;
        }
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setNamedGroups(groups);
        engine.setSSLParameters(parameters);
        return true;
    }
}
