package io.sallyport.tls;

import java.security.PublicKey;
import java.security.interfaces.ECKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which keys of servers a client can verify, as its ClientHello says. All numbers are TLS's.
///
/// @param tls13 whether it speaks TLS 1.3 (RFC 8446, section 4.2.1)
/// @param suites its cipher suites
/// @param schemes its signature algorithms (RFC 8446, section 4.2.3); null where it names none
/// @param groups its groups of key exchange (RFC 8446, section 4.2.7); empty where it names none
record VerifiableKeys(
        boolean tls13, List<Integer> suites, @Nullable List<Integer> schemes, List<Integer> groups) {
    static final VerifiableKeys UNKNOWN = new VerifiableKeys(false, List.of(), null, List.of());

    static final int VERSION_1_3 = 0x0304;

    private static final List<Integer> RSA_PSS = List.of(0x0804, 0x0805, 0x0806);
    /// By TLS 1.2 only.
    private static final List<Integer> RSA_PKCS1 = List.of(0x0401, 0x0501, 0x0601);

    private static final int ED25519 = 0x0807;

    /// A kind of key, as far as clients tell kinds apart.
    ///
    /// @param schemes any of which verifies it by TLS 1.3, which binds each to a curve
    /// @param olderSchemes the same by TLS 1.2
    /// @param curve of the key, in TLS 1.2 one of the groups; 0 where it has none
    record Kind(boolean rsa, List<Integer> schemes, List<Integer> olderSchemes, int curve) {
        static Kind of(PublicKey key) {
            if (key instanceof ECKey elliptic) {
                List<Integer> older = List.of(0x0403, 0x0503, 0x0603);
                return switch (elliptic.getParams().getCurve().getField().getFieldSize()) {
                    case 256 -> new Kind(false, List.of(0x0403), older, 23);
                    case 384 -> new Kind(false, List.of(0x0503), older, 24);
                    default -> new Kind(false, List.of(0x0603), older, 25);
                };
            }
            if (key.getAlgorithm().startsWith("RSA")) {
                List<Integer> older = new ArrayList<>(RSA_PSS);
                older.addAll(RSA_PKCS1);
                return new Kind(true, RSA_PSS, older, 0);
            }
            return new Kind(false, List.of(ED25519), List.of(ED25519), 0);
        }
    }

    /// @param with13 whether the server speaks TLS 1.3
    /// @param served cipher suites of TLS 1.2 that the server offers for such keys
    boolean include(Kind kind, boolean with13, List<Integer> served) {
        if (tls13 && with13) {
            return schemes != null && !Collections.disjoint(schemes, kind.schemes);
        }
        return !Collections.disjoint(suites, served)
                // RFC 5246, section 7.4.1.4.1: who names none knows SHA-1, which servers may refuse.
                && (schemes == null || !Collections.disjoint(schemes, kind.olderSchemes))
                && (kind.curve == 0 || groups.isEmpty() || groups.contains(kind.curve));
    }
}
