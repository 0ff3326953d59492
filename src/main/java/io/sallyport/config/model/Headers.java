package io.sallyport.config.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `Headers`: changes of headers on the way up and on the way back.
public record Headers(
        @Nullable Operations request, @Nullable Operations response, Position at) {

    /// `Headers.HeaderOperations`: changes by header name.
    ///
    /// @param set replaces what is there
    /// @param add adds a further value
    /// @param remove names
    public record Operations(Map<String, String> set, Map<String, String> add, List<String> remove) {}
}
