package io.sallyport.jwt;

import org.jspecify.annotations.Nullable;

/// Where a rule has its keys from; equal where that is the same place. Thread-safe. Without methods of its own for it,
/// a source is never asked for newer keys: they come by themselves, or never.
public interface KeySource {
    /// What is known now; null where nothing is.
    @Nullable
    KeySet keys();

    /// Newer keys would help. Asks for them unless they were asked for just now.
    ///
    /// @return whether they are on their way, so that [#whenRenewed] will run what it is given
    default boolean renew() {
        return false;
    }

    /// Runs it, on any thread, when what is on its way has arrived or has failed to.
    default void whenRenewed(Runnable then) {
        then.run();
    }

    /// Nobody waits any more for what [#whenRenewed] was given. Does nothing where it has been run.
    default void forget(Runnable waiting) {}

    /// The trust domain whose JWT-SVIDs alone these keys verify; null where they verify any token.
    default @Nullable String trustDomain() {
        return null;
    }

    /// Those of a trust domain where nobody gives them: they verify nothing.
    record Absent(String trustDomain) implements KeySource {
        @Override
        public @Nullable KeySet keys() {
            return null;
        }
    }

    /// Keys that are part of the configuration.
    ///
    /// @param jwks their text
    record Inline(String jwks, KeySet keys) implements KeySource {
        /// @throws KeySetException where the text is no usable set
        public static Inline of(String jwks) throws KeySetException {
            return new Inline(jwks, KeySet.parse(jwks, true));
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Inline inline && jwks.equals(inline.jwks);
        }

        @Override
        public int hashCode() {
            return jwks.hashCode();
        }
    }
}
