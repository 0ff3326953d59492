package io.sallyport.jwt;

import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import org.jspecify.annotations.Nullable;

/// A request with nothing but what tokens may be in.
final class TokenRequest implements TokenCarrier {
    private final Headers fields = new Headers();
    private final SignatureBudget signatures = new SignatureBudget();
    private LastToken lastToken = new LastToken();
    private @Nullable String query;

    static TokenRequest of(String... namesAndValues) {
        TokenRequest request = new TokenRequest();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            request.fields.add(new AsciiString(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return request;
    }

    static TokenRequest bearer(String token) {
        return of("authorization", "Bearer " + token);
    }

    TokenRequest query(String text) {
        query = text;
        return this;
    }

    @Override
    public Headers fields() {
        return fields;
    }

    @Override
    public @Nullable String query() {
        return query;
    }

    @Override
    public void replaceQuery(@Nullable String other) {
        query = other;
    }

    /// On the same connection as another.
    TokenRequest after(TokenRequest earlier) {
        lastToken = earlier.lastToken;
        return this;
    }

    @Override
    public SignatureBudget signatures() {
        return signatures;
    }

    @Override
    public LastToken lastToken() {
        return lastToken;
    }
}
