package io.sallyport.jwt;

import io.sallyport.http.Headers;
import org.jspecify.annotations.Nullable;

/// A request that may carry tokens in its header fields and its query.
public interface TokenCarrier {
    Headers fields();

    /// What follows the first `?` of its target, as sent; null without a `?`.
    @Nullable
    String query();

    /// Goes on with another query, null for none.
    void replaceQuery(@Nullable String query);

    /// The same each time.
    SignatureBudget signatures();

    /// The one of its connection.
    LastToken lastToken();
}
