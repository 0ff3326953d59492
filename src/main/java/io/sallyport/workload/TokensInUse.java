package io.sallyport.workload;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one configuration wants of a Workload API beside the gateway's identity.
///
/// @param from null where there is none
/// @param audiences of JWT-SVIDs that routes send
/// @param keys whether keys of trust domains verify tokens
public record TokensInUse(@Nullable WorkloadTokens from, Set<String> audiences, boolean keys) {
    public static final TokensInUse NONE = new TokensInUse(null, Set.of(), false);

    public TokensInUse {
        audiences = Set.copyOf(audiences);
    }

    /// From now on these are wanted, and no others. Waits for what has not been asked for before.
    public void use(Duration longest) {
        if (from != null) {
            from.use(audiences, keys, longest);
        }
    }
}
