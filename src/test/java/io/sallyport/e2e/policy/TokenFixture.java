package io.sallyport.e2e.policy;

import static io.sallyport.testing.TestTokens.jwk;
import static io.sallyport.testing.TestTokens.jwks;

import io.sallyport.testing.TestTokens;
import io.sallyport.testing.Yaml;

/// Rules for tokens, and the issuers that they know: `https://issuer.test`, and `other`, with one key between them.
final class TokenFixture {
    static final String KEYS = jwks(jwk("ES256", "k"));
    static final String GOOD = TestTokens.token("ES256", "k", "");
    static final String FORGED = TestTokens.token("ES256", "forged", "");

    private TokenFixture() {}

    static String authentication(String name, String spec) {
        return authentication("default", name, spec);
    }

    /// @param spec indented by two
    static String authentication(String namespace, String name, String spec) {
        return Yaml.security("RequestAuthentication", namespace, name, spec);
    }

    /// One rule of `https://issuer.test`.
    ///
    /// @param more fields of the rule, each on a line of its own
    static String tokens(String more) {
        return authentication("tokens", "jwtRules:\n" + rule("https://issuer.test", more));
    }

    static String rule(String issuer, String more) {
        return "- issuer: \"%s\"\n  jwks: '%s'\n%s".formatted(issuer, KEYS, more.isEmpty() ? "" : more.indent(2));
    }

    static String token(String payload) {
        return TestTokens.signed("ES256", "k", payload);
    }

    static String[] bearer(String token) {
        return new String[] {"authorization", "Bearer " + token};
    }
}
