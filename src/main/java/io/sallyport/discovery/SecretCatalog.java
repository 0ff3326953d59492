package io.sallyport.discovery;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Secrets that are followed by their names, kept current. Thread-safe.
public interface SecretCatalog {
    /// Follows none.
    SecretCatalog NONE = new SecretCatalog() {
        @Override
        public void follow(Set<SecretName> names) {}

        @Override
        public Found find(SecretName name) {
            return Found.ABSENT;
        }

        @Override
        public boolean isSettled() {
            return true;
        }

        @Override
        public boolean await(Duration longest) {
            return true;
        }

        @Override
        public long revision() {
            return 0;
        }
    };

    /// What is known of a secret.
    ///
    /// @param known whether its source has said anything of it
    /// @param texts what it holds by key, as far as it is of use; null where it is not there or cannot be read
    /// @param problem why it cannot be read; else null
    record Found(
            boolean known,
            @Nullable Map<String, String> texts,
            @Nullable String problem) {
        public static final Found UNKNOWN = new Found(false, null, null);
        public static final Found ABSENT = new Found(true, null, null);

        public static Found of(Map<String, String> texts) {
            return new Found(true, Map.copyOf(texts), null);
        }

        public static Found unreadable(String problem) {
            return new Found(true, null, problem);
        }

        /// Without the texts.
        @Override
        public String toString() {
            return problem != null ? problem : texts != null ? "present" : known ? "absent" : "unknown";
        }
    }

    /// Follows these from now on, and no others.
    void follow(Set<SecretName> names);

    /// What is known of one now.
    Found find(SecretName name);

    /// Whether all that are followed are known.
    boolean isSettled();

    /// Waits until they are.
    ///
    /// @return false where that takes longer
    boolean await(Duration longest) throws InterruptedException;

    /// Another one with every change.
    long revision();
}
