package io.sallyport.reload;

import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.identity.CredentialStore;
import java.util.Collection;

/// Tells the analysis which secrets there are, or may be.
public final class StoredSecrets implements SecretLookup {
    private final CredentialStore store;

    public StoredSecrets(CredentialStore store) {
        this.store = store;
    }

    @Override
    public boolean exists(String namespace, String credentialName) {
        return store.exists(namespace, credentialName)
                || store.isPending(new CredentialStore.Use(namespace, credentialName, false));
    }

    @Override
    public Collection<String> names() {
        return store.names();
    }
}
