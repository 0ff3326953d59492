package io.sallyport.reload;

import io.sallyport.discovery.SecretCatalog;
import io.sallyport.discovery.SecretCatalog.Found;
import io.sallyport.discovery.SecretName;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialDirectory;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.CredentialStore;
import io.sallyport.identity.SecretContent;
import io.sallyport.identity.TrustBundle;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Secrets of the mesh itself, beside those of the directory, which win. One is looked for in the namespace of the
/// resource that names it, then in the gateway's own, where Istio has it.
public final class DiscoveredSecrets implements CredentialStore {
    private final CredentialDirectory directory;
    private final SecretCatalog catalog;
    private final String namespace;

    /// @param namespace of the gateway
    public DiscoveredSecrets(CredentialDirectory directory, SecretCatalog catalog, String namespace) {
        this.directory = directory;
        this.catalog = catalog;
        this.namespace = namespace;
    }

    private List<SecretName> places(String ofResource, String name) {
        return ofResource.equals(namespace)
                ? List.of(new SecretName(namespace, name))
                : List.of(new SecretName(ofResource, name), new SecretName(namespace, name));
    }

    /// Null where there is none.
    ///
    /// @throws CredentialException where there may be one that cannot be read
    private @Nullable SecretContent find(String ofResource, String name) throws CredentialException {
        CredentialException unreadable = null;
        for (SecretName place : places(ofResource, name)) {
            Found found = catalog.find(place);
            Map<String, String> texts = found.texts();
            if (texts != null) {
                return new SecretContent("Secret " + place, texts);
            }
            if (found.problem() != null && unreadable == null) {
                unreadable = new CredentialException("Secret " + place, found.problem(), "look at it with kubectl");
            }
        }
        if (unreadable != null) {
            throw unreadable;
        }
        return null;
    }

    @Override
    public Credential credential(String ofResource, String name) throws CredentialException {
        SecretContent found = directory.exists(ofResource, name) ? null : find(ofResource, name);
        return found == null ? directory.credential(ofResource, name) : found.credential();
    }

    @Override
    public @Nullable TrustBundle trust(String ofResource, String name) throws CredentialException {
        if (directory.exists(ofResource, name)) {
            return directory.trust(ofResource, name);
        }
        SecretContent separate = name.endsWith(CA_SUFFIX) ? null : find(ofResource, name + CA_SUFFIX);
        SecretContent found = separate == null ? find(ofResource, name) : separate;
        return found == null ? directory.trust(ofResource, name) : found.trust();
    }

    @Override
    public boolean exists(String ofResource, String name) {
        return directory.exists(ofResource, name)
                || places(ofResource, name).stream()
                        .map(catalog::find)
                        .anyMatch(found -> found.texts() != null || found.problem() != null);
    }

    @Override
    public boolean isPending(Use use) {
        return !directory.exists(use.namespace(), use.name())
                && (isPending(use.namespace(), use.name())
                        || (use.authorities() && isPending(use.namespace(), use.name() + CA_SUFFIX)));
    }

    private boolean isPending(String ofResource, String name) {
        for (SecretName place : places(ofResource, name)) {
            Found found = catalog.find(place);
            if (!found.known() || found.texts() != null) {
                return !found.known();
            }
        }
        return false;
    }

    @Override
    public void follow(Set<Use> used) {
        Set<SecretName> names = new HashSet<>();
        for (Use use : used) {
            if (!directory.exists(use.namespace(), use.name())) {
                names.addAll(places(use.namespace(), use.name()));
                if (use.authorities() && !use.name().endsWith(CA_SUFFIX)) {
                    names.addAll(places(use.namespace(), use.name() + CA_SUFFIX));
                }
            }
        }
        catalog.follow(names);
    }

    @Override
    public String digest() {
        return directory.digest() + "-" + catalog.revision();
    }

    @Override
    public Collection<String> names() {
        return directory.names();
    }
}
