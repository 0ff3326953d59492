package io.sallyport.tls;

import io.sallyport.identity.Credential;
import java.net.Socket;
import java.security.Principal;
import java.security.interfaces.ECKey;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Chooses among a server's certificates by what the client can verify, ECDSA before RSA: a signature with P-256 costs
/// a twentieth of one with RSA 2048. An alias is the place of a credential in the list.
final class ServerKeyManager extends ServerKeys {
    private static final String TLS_1_3 = TlsVersion.TLS_1_3.jsseName();

    private final List<Credential> credentials;
    private final int ecdsa;

    ServerKeyManager(List<Credential> credentials) {
        this.credentials = credentials;
        this.ecdsa = indexOf("EC");
    }

    /// Whether all keys are RSA, or all ECDSA: then there is nothing to choose between.
    static boolean areOneKind(List<Credential> credentials) {
        return credentials.stream()
                        .map(credential -> credential.key().getAlgorithm())
                        .distinct()
                        .count()
                == 1;
    }

    /// Asked for one kind of key after the other: by TLS 1.2 in the order of our cipher suites, which have ECDSA
    /// first; by TLS 1.3 in the order of the client's signature algorithms, so there RSA is declined where ECDSA
    /// will be asked for too.
    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        String kind = algorithm(keyType);
        int index = indexOf(kind);
        if (index < 0) {
            return null;
        }
        if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            List<String> verifiable = Arrays.asList(session.getPeerSupportedSignatureAlgorithms());
            if (!canVerify(verifiable, kind) || (kind.equals("RSA") && prefersEcdsa(session, verifiable))) {
                return null;
            }
        }
        return Integer.toString(index);
    }

    /// A client of TLS 1.2 may offer ECDSA cipher suites yet no such signature algorithm; none at all means what RFC
    /// 5246 section 7.4.1.4.1 presumes.
    private static boolean canVerify(List<String> algorithms, String kind) {
        for (String algorithm : algorithms) {
            if (algorithm.contains(kind.equals("EC") ? "ECDSA" : kind.equals("RSA") ? "RSA" : "Ed")) {
                return true;
            }
        }
        return algorithms.isEmpty();
    }

    private boolean prefersEcdsa(SSLSession session, List<String> verifiable) {
        if (ecdsa < 0 || !TLS_1_3.equals(session.getProtocol())) {
            return false;
        }
        if (!(credentials.get(ecdsa).leaf().getPublicKey() instanceof ECKey key)) {
            return false;
        }
        // TLS 1.3 binds each algorithm to a curve (RFC 8446 section 4.2.3).
        return verifiable.contains(
                switch (key.getParams().getCurve().getField().getFieldSize()) {
                    case 256 -> "SHA256withECDSA";
                    case 384 -> "SHA384withECDSA";
                    default -> "SHA512withECDSA";
                });
    }

    private int indexOf(String algorithm) {
        for (int i = 0; i < credentials.size(); i++) {
            if (credentials.get(i).key().getAlgorithm().equals(algorithm)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    protected @Nullable Credential at(String alias) {
        try {
            return credentials.get(Integer.parseInt(alias));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    /// OpenSSL's provider asks so what there is.
    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal[] issuers) {
        int index = indexOf(keyType);
        return index < 0 ? null : new String[] {Integer.toString(index)};
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        int index = indexOf(keyType);
        return index < 0 ? null : Integer.toString(index);
    }
}
