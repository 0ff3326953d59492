package io.sallyport.tls;

import io.sallyport.identity.Credential;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Certificates of a server, by aliases that a subclass chooses. A client it is not.
public abstract class ServerKeys extends X509ExtendedKeyManager {
    /// The credential of an alias that was chosen; null for others.
    protected abstract @Nullable Credential at(String alias);

    /// The algorithm of the keys that a handshake asks for: `EC` for `EC_EC`, which TLS 1.2 may say.
    protected static String algorithm(String keyType) {
        return keyType.startsWith("EC") ? "EC" : keyType.startsWith("RSA") ? "RSA" : keyType;
    }

    @Override
    public final X509Certificate @Nullable [] getCertificateChain(String alias) {
        Credential credential = at(alias);
        return credential == null ? null : credential.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public final @Nullable PrivateKey getPrivateKey(String alias) {
        Credential credential = at(alias);
        return credential == null ? null : credential.key();
    }

    @Override
    public final String @Nullable [] getClientAliases(String keyType, Principal[] issuers) {
        return null;
    }

    @Override
    public final @Nullable String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
        return null;
    }
}
