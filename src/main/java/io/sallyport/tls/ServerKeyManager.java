package io.sallyport.tls;

import io.sallyport.identity.Credential;
import java.net.Socket;
import java.security.Principal;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/// Has one certificate for any client whose engine asks for its kind of key.
final class ServerKeyManager extends ServerKeys {
    private static final String ALIAS = "server";

    private final Credential credential;

    ServerKeyManager(Credential credential) {
        this.credential = credential;
    }

    private @Nullable String alias(String keyType) {
        return credential.key().getAlgorithm().equals(algorithm(keyType)) ? ALIAS : null;
    }

    @Override
    protected @Nullable Credential at(String alias) {
        return alias.equals(ALIAS) ? credential : null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return alias(keyType);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return alias(keyType);
    }

    /// OpenSSL's provider asks so what there is.
    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal[] issuers) {
        String alias = alias(keyType);
        return alias == null ? null : new String[] {alias};
    }
}
