package io.sallyport.config.analysis;

import java.util.Collection;
import java.util.List;

/// Which TLS secrets there are.
public interface SecretLookup {
    /// Takes every secret to be there: for checks without a secrets directory.
    SecretLookup UNCHECKED = new SecretLookup() {
        @Override
        public boolean exists(String namespace, String credentialName) {
            return true;
        }

        @Override
        public Collection<String> names() {
            return List.of();
        }
    };

    /// @param namespace of the resource that names the secret
    /// @param credentialName as written in the resource
    boolean exists(String namespace, String credentialName);

    /// The names to suggest instead of an unknown one.
    Collection<String> names();
}
