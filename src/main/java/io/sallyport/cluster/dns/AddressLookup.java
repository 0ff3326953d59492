package io.sallyport.cluster.dns;

import java.util.function.Consumer;

/// Looks up a name once. Never blocks.
public interface AddressLookup {
    /// @param name a DNS name, in lower case
    /// @param then gets the answer, once, on the event loop of the look-up
    void resolve(String name, Consumer<Answer> then);
}
