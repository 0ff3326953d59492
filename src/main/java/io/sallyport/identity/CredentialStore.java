package io.sallyport.identity;

import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where the secrets are that resources name: certificates with their keys, and authorities. They change while they are
/// used.
public interface CredentialStore {
    /// At the end of the name of a secret that holds the authorities of another.
    String CA_SUFFIX = "-cacert";

    /// A secret as a resource names it.
    ///
    /// @param namespace of the resource
    /// @param authorities whether peers are verified by what it holds
    record Use(String namespace, String name, boolean authorities) {}

    /// The certificate and key of the secret `name`.
    Credential credential(String namespace, String name) throws CredentialException;

    /// The authorities that go with the secret `name`: those of `<name>-cacert`, where there is such a secret, else its
    /// own.
    ///
    /// @return null where neither holds any
    @Nullable
    TrustBundle trust(String namespace, String name) throws CredentialException;

    /// Whether there is a secret of that name; it may still be unusable.
    boolean exists(String namespace, String name);

    /// Whether it is not known yet if there is one: what was used before is used until then, and nothing is reported.
    default boolean isPending(Use use) {
        return false;
    }

    /// All that are used from now on, so that they can be followed.
    default void follow(Set<Use> used) {}

    /// Another one with every change of a secret.
    String digest();

    /// The names of secrets, to suggest one instead of an unknown one.
    Collection<String> names();
}
