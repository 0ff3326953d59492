package io.sallyport.identity;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One secret by its keys, under the names that Kubernetes and Istio give them, as [SecretFiles] is one by its files.
///
/// @param source for messages, `Secret default/shop`
/// @param texts PEM by key; what is empty counts as absent
public record SecretContent(String source, Map<String, String> texts) {
    /// The keys that are read.
    public static final Set<String> KEYS = SecretFiles.NAMES;

    public SecretContent {
        texts = Map.copyOf(texts);
    }

    public Credential credential() throws CredentialException {
        String chain = find(SecretFiles.CHAIN);
        String key = find(SecretFiles.KEY);
        if (chain == null || key == null) {
            throw SecretFiles.incomplete(source);
        }
        return Credential.of(
                Pem.certificates(text(chain), place(chain)),
                Pem.privateKey(text(key), place(key)),
                place(chain) + " with " + key);
    }

    /// Null where it holds no authorities.
    public @Nullable TrustBundle trust() throws CredentialException {
        String authorities = find(SecretFiles.AUTHORITIES);
        if (authorities == null) {
            return null;
        }
        String crl = find(SecretFiles.CRL);
        return new TrustBundle(
                Pem.certificates(text(authorities), place(authorities)),
                crl == null ? List.of() : Pem.crls(text(crl), place(crl)));
    }

    private @Nullable String find(List<String> names) {
        return names.stream().filter(name -> !text(name).isEmpty()).findFirst().orElse(null);
    }

    private String text(String key) {
        return texts.getOrDefault(key, "");
    }

    private String place(String key) {
        return source + ": " + key;
    }

    /// Without the texts.
    @Override
    public String toString() {
        return source;
    }
}
