package io.sallyport.jwt;

import static io.sallyport.testing.TestTokens.jwk;
import static io.sallyport.testing.TestTokens.jwks;
import static io.sallyport.testing.TestTokens.signed;
import static io.sallyport.testing.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.sallyport.jwt.TokenRules.Passed;
import io.sallyport.jwt.TokenRules.Refused;
import io.sallyport.jwt.TokenRules.Waiting;
import io.sallyport.testing.TestTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where tokens are found, which are accepted, and what becomes of them.
class TokenRulesTest {
    private static final long NOW = 1_800_000_000;
    private static final String ISSUER = "https://issuer.test";
    private static final String GOOD = token("ES256", "k", "");
    private static final String OTHER = other("{\"iss\": \"other\", \"sub\": \"bob\"}");
    private static final String FORGED = token("ES256", "forged", "");

    private static String other(String payload) {
        return signed("ES256", "k", payload);
    }

    private static TokenRule.Builder rule(String issuer) {
        try {
            return new TokenRule.Builder(issuer, KeySource.Inline.of(jwks(jwk("ES256", "k"))));
        } catch (KeySetException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TokenRules rules(TokenRule.Builder... builders) {
        return new TokenRules(
                List.of(builders).stream().map(TokenRule.Builder::build).toList());
    }

    /// Null where the request passes.
    private static @Nullable TokenFault fault(TokenRules rules, TokenRequest request) {
        return rules.judge(request, NOW, true) instanceof Refused(TokenFault fault) ? fault : null;
    }

    /// The claim `sub` that counts; null for none.
    private static @Nullable String subject(TokenRules rules, TokenRequest request) {
        return rules.judge(request, NOW, true) instanceof Passed(List<TokenRules.Accepted> accepted)
                ? rules.claims(accepted).text("sub")
                : "refused";
    }

    private static TokenRequest passed(TokenRules rules, TokenRequest request) {
        Passed passed = (Passed) rules.judge(request, NOW, true);
        rules.rewrite(request, passed.accepted(), List.of(), List.of());
        return request;
    }

    @Test
    void noTokenPassesAndHasNoClaims() {
        assertThat(subject(rules(rule(ISSUER)), TokenRequest.of())).isNull();
        assertThat(subject(rules(rule(ISSUER)), TokenRequest.of("authorization", "Basic YTpi")))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer %s", "bearer %s", "BEARER  %s", "Bearer\t%s", "Basic YTpi, Bearer %s"})
    void theDefaultPlaces(String value) {
        TokenRules rules = rules(rule(ISSUER));

        assertThat(subject(rules, TokenRequest.of("authorization", value.formatted(GOOD))))
                .isEqualTo("alice");
        assertThat(fault(rules, TokenRequest.of("authorization", value.formatted(FORGED))))
                .isEqualTo(TokenFault.NO_KEY);
        assertThat(subject(rules, TokenRequest.of().query("a=b&access_token=" + GOOD)))
                .isEqualTo("alice");
        assertThat(subject(rules, TokenRequest.of().query("%61ccess%5Ftoken=" + GOOD.replace(".", "%2e"))))
                .isEqualTo("alice");
    }

    /// What a server might read that ends parameters at semicolons, too.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=1;access_token=%s",
                "a=1;;access_token=%s&b",
                "a;%%61ccess_token=%s;b=2",
                "a=1;access_token=%s;"
            })
    void parametersBehindSemicolons(String query) {
        TokenRules rules = rules(rule(ISSUER));

        assertThat(subject(rules, TokenRequest.of().query(query.formatted(GOOD))))
                .isEqualTo("alice");
        assertThat(fault(rules, TokenRequest.bearer(GOOD).query(query.formatted(FORGED))))
                .isEqualTo(TokenFault.NO_KEY);
    }

    /// A scheme without a token is one that is malformed, not one that is missing.
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "Bearer,BAD_FORMAT",
                "bearer,BAD_FORMAT",
                "'Bearer a b',BAD_FORMAT",
                "'Bearer a.b.c, Bearer d.e.f',BAD_FORMAT",
                "Bearera.b.c,-",
                "NotBearer a.b.c,-",
                "Token a.b.c,-"
            })
    void authorizations(String value, @Nullable TokenFault expected) {
        assertThat(fault(rules(rule(ISSUER)), TokenRequest.of("authorization", value)))
                .isEqualTo(expected);
    }

    @Test
    void anyPlaceThatIsNamedTurnsTheDefaultsOff() {
        for (TokenRule.Builder builder : List.of(
                rule(ISSUER).fromHeader("x-token", ""),
                rule(ISSUER).fromParameter("token"),
                rule(ISSUER).fromCookie("token"))) {
            TokenRules rules = rules(builder);
            assertThat(subject(rules, TokenRequest.bearer(FORGED))).isNull();
            assertThat(subject(rules, TokenRequest.of().query("access_token=" + FORGED)))
                    .isNull();
        }
    }

    @Test
    void placesOfItsOwn() {
        TokenRules rules = rules(rule(ISSUER)
                .fromHeader("x-token", "Value ")
                .fromHeader("x-plain", "")
                .fromHeader("x-glued", "JWT=")
                .fromParameter("t")
                .fromCookie("session"));

        assertThat(subject(rules, TokenRequest.of("x-token", "Value " + GOOD))).isEqualTo("alice");
        assertThat(subject(rules, TokenRequest.of("x-plain", GOOD))).isEqualTo("alice");
        assertThat(subject(rules, TokenRequest.of("x-glued", "JWT=" + GOOD))).isEqualTo("alice");
        assertThat(subject(rules, TokenRequest.of("cookie", "a=b; session=" + GOOD + "; c=d")))
                .isEqualTo("alice");
        assertThat(subject(rules, TokenRequest.of("cookie", "session=\"" + GOOD + "\"")))
                .isEqualTo("alice");
        assertThat(subject(rules, TokenRequest.of("x-token", GOOD))).isNull();
        assertThat(subject(rules, TokenRequest.of("cookie", "Session=" + FORGED + "; xsession=" + FORGED)))
                .isNull();
        assertThat(subject(rules, TokenRequest.of().query("T=" + FORGED + "&tt=" + FORGED)))
                .isNull();
    }

    /// Whichever a server would read.
    @Test
    void everyTokenThatIsFoundIsValid() {
        TokenRules rules =
                rules(rule(ISSUER).fromHeader("x-token", "").fromParameter("t").fromCookie("c"));

        for (TokenRequest request : List.of(
                TokenRequest.of("x-token", GOOD, "x-token", FORGED),
                TokenRequest.of("x-token", FORGED, "x-token", GOOD),
                TokenRequest.of("x-token", GOOD).query("t=" + FORGED),
                TokenRequest.of().query("t=" + GOOD + "&t=" + FORGED),
                TokenRequest.of("cookie", "c=" + GOOD + "; c=" + FORGED),
                TokenRequest.of("cookie", "c=" + GOOD, "cookie", "c=" + FORGED),
                TokenRequest.of("x-token", GOOD, "cookie", "c=" + FORGED))) {
            assertThat(fault(rules, request)).isEqualTo(TokenFault.NO_KEY);
        }
        assertThat(fault(rules, TokenRequest.of("x-token", GOOD).query("t="))).isEqualTo(TokenFault.BAD_FORMAT);
        assertThat(fault(rules, TokenRequest.of("x-token", GOOD).query("t"))).isEqualTo(TokenFault.BAD_FORMAT);
        assertThat(subject(
                        rules,
                        TokenRequest.of("x-token", GOOD, "cookie", "c=" + GOOD).query("t=" + GOOD)))
                .isEqualTo("alice");
    }

    @Test
    void aRequestHasFewTokens() {
        StringBuilder query = new StringBuilder("a=1");
        for (int i = 0; i < 9; i++) {
            query.append("&access_token=").append(token("ES256", "k", "\"n\": " + i + ", "));
        }

        assertThat(fault(rules(rule(ISSUER)), TokenRequest.of().query(query.toString())))
                .isEqualTo(TokenFault.MULTIPLE);
    }

    @Test
    void theIssuerIsTheRules() {
        assertThat(fault(rules(rule(ISSUER)), TokenRequest.bearer(OTHER))).isEqualTo(TokenFault.UNKNOWN_ISSUER);
        assertThat(fault(rules(rule(ISSUER)), TokenRequest.bearer(other("{}")))).isEqualTo(TokenFault.UNKNOWN_ISSUER);
        assertThat(fault(rules(rule(ISSUER)), TokenRequest.bearer(other("{\"iss\": \"https://issuer.test/\"}"))))
                .isEqualTo(TokenFault.UNKNOWN_ISSUER);
        assertThat(subject(rules(rule("")), TokenRequest.bearer(OTHER))).isEqualTo("bob");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "exp,-61,EXPIRED",
                "exp,-60,-",
                "exp,0,-",
                "nbf,60,-",
                "nbf,61,NOT_YET_VALID",
                "nbf,-1000,-",
                "iat,1000000,-"
            })
    void clocksMayDifferByAMinute(String claim, long offset, @Nullable TokenFault expected) {
        String token = other("{\"iss\": \"" + ISSUER + "\", \"" + claim + "\": " + (NOW + offset) + "}");
        TokenRules rules = rules(rule(ISSUER));

        assertThat(fault(rules, TokenRequest.bearer(token))).isEqualTo(expected);
        assertThat(fault(rules, TokenRequest.bearer(token)))
                .as("once it is known")
                .isEqualTo(expected);
    }

    /// What is remembered is the signature, not that the token was valid.
    @Test
    void aTokenThatIsKnownEnds() {
        String token = other("{\"iss\": \"" + ISSUER + "\", \"exp\": " + NOW + "}");
        TokenRules rules = rules(rule(ISSUER));

        assertThat(rules.judge(TokenRequest.bearer(token), NOW, true)).isInstanceOf(Passed.class);
        assertThat(rules.judge(TokenRequest.bearer(token), NOW + 61, true)).isEqualTo(new Refused(TokenFault.EXPIRED));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            delimiter = '|',
            value = {
                "\"a\"|-",
                "\"https://a\"|-",
                "\"http://a/\"|-",
                "[\"x\", \"a\"]|-",
                "\"b\"|AUDIENCE",
                "\"A\"|AUDIENCE",
                "\"a//\"|AUDIENCE",
                "\"ftp://a\"|AUDIENCE",
                "[]|AUDIENCE",
                "\"\"|AUDIENCE"
            })
    void audiences(String aud, @Nullable TokenFault expected) {
        String token = other("{\"iss\": \"" + ISSUER + "\", \"aud\": " + aud + "}");

        assertThat(fault(rules(rule(ISSUER).audiences(List.of("http://a/", "c"))), TokenRequest.bearer(token)))
                .isEqualTo(expected);
        assertThat(fault(rules(rule(ISSUER)), TokenRequest.bearer(token))).isNull();
    }

    @Test
    void aTokenForNobodyIsForNoneOfTheAudiences() {
        TokenRules rules = rules(rule(ISSUER).audiences(List.of("a")));

        assertThat(fault(rules, TokenRequest.bearer(GOOD))).isEqualTo(TokenFault.AUDIENCE);
        assertThat(TokenFault.AUDIENCE.status()).isEqualTo(403);
        assertThat(TokenFault.EXPIRED.status()).isEqualTo(401);
    }

    @Test
    void rulesMayShareAPlace() {
        TokenRules rules = rules(rule(ISSUER), rule("other"));

        assertThat(subject(rules, TokenRequest.bearer(GOOD))).isEqualTo("alice");
        assertThat(subject(rules, TokenRequest.bearer(OTHER))).isEqualTo("bob");
        assertThat(fault(rules, TokenRequest.bearer(other("{\"iss\": \"third\"}"))))
                .isEqualTo(TokenFault.UNKNOWN_ISSUER);
        assertThat(fault(rules, TokenRequest.bearer(GOOD).query("access_token=" + OTHER)))
                .as("of two issuers in the places of both")
                .isEqualTo(TokenFault.UNKNOWN_ISSUER);
    }

    /// At Envoy the first rule that accepts its token is enough.
    @Test
    void aSecondRulesTokenIsValidToo() {
        TokenRules rules =
                rules(rule(ISSUER).fromHeader("x-a", ""), rule("other").fromHeader("x-b", ""));

        assertThat(subject(rules, TokenRequest.of("x-a", GOOD))).isEqualTo("alice");
        assertThat(subject(rules, TokenRequest.of("x-a", GOOD, "x-b", OTHER))).isEqualTo("alice");
        assertThat(fault(rules, TokenRequest.of("x-a", GOOD, "x-b", FORGED))).isEqualTo(TokenFault.UNKNOWN_ISSUER);
        assertThat(fault(rules, TokenRequest.of("x-a", GOOD, "x-b", GOOD))).isEqualTo(TokenFault.UNKNOWN_ISSUER);
        assertThat(fault(rules, TokenRequest.of("x-a", FORGED, "x-b", OTHER))).isEqualTo(TokenFault.NO_KEY);
    }

    @Test
    void whatIsWrongWithATokenSaysMoreThanThatAnotherRuleDoesNotKnowIt() {
        TokenRules rules = rules(rule("a"), rule(ISSUER).audiences(List.of("x")), rule("z"));

        assertThat(fault(rules, TokenRequest.bearer(GOOD))).isEqualTo(TokenFault.AUDIENCE);
    }

    @Test
    void theTokenIsRemovedUnlessItIsForwarded() {
        TokenRules removing =
                rules(rule(ISSUER).fromHeader("x-token", "").fromParameter("t").fromCookie("c"));
        TokenRequest request = TokenRequest.of("x-token", GOOD, "a", "b", "cookie", "x=1; c=" + GOOD + ";y=2")
                .query("p=1&t=" + GOOD + "&q=2");
        passed(removing, request);

        assertThat(request.fields()).hasToString("a: b\ncookie: x=1;y=2\n");
        assertThat(request.query()).isEqualTo("p=1&q=2");
        assertThat(passed(removing, TokenRequest.of("cookie", "c=" + GOOD))
                        .fields()
                        .isEmpty())
                .isTrue();
        assertThat(passed(removing, TokenRequest.of().query("t=" + GOOD)).query())
                .isNull();

        TokenRules forwarding = rules(rule(ISSUER).forwardOriginal(true));
        assertThat(passed(forwarding, TokenRequest.bearer(GOOD)).fields())
                .hasToString("authorization: Bearer " + GOOD + "\n");
        TokenRequest other = passed(
                rules(rule(ISSUER)),
                TokenRequest.of("authorization", "Basic YTpi").query("a=b"));
        assertThat(other.fields()).as("without a token all stays").hasToString("authorization: Basic YTpi\n");
        assertThat(other.query()).isEqualTo("a=b");
    }

    @Test
    void onlyAVerifiedTokenSetsTheHeadersOfItsClaims() {
        TokenRules rules = rules(rule(ISSUER)
                .payloadToHeader("x-payload")
                .claimToHeader("x-sub", List.of("sub"))
                .claimToHeader("x-id", List.of("org", "id"))
                .claimToHeader("x-none", List.of("org", "none")));
        String[] forged = {"x-payload", "forged", "x-sub", "root", "x-sub", "admin", "x-id", "1", "x-none", "1"};

        assertThat(passed(rules, TokenRequest.of(forged)).fields().isEmpty()).isTrue();
        TokenRequest request = TokenRequest.of(forged);
        String token = token("ES256", "k", "\"org\": {\"id\": 42}, ");
        request.fields().add(AsciiString.of("authorization"), "Bearer " + token);
        passed(rules, request);
        assertThat(request.fields()).hasToString("x-payload: " + token.split("\\.")[1] + "\nx-sub: alice\nx-id: 42\n");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            delimiter = '|',
            value = {
                "\"text\"|text",
                "true|true",
                "7|7",
                "1562182722|1562182722",
                "7.0|7",
                "7.5|7.5",
                "\"\"|-",
                "null|-",
                "[\"a\"]|-",
                "{\"a\": 1}|-",
                "\"a\\r\\nx-admin: 1\"|-",
                "\"a\\u0000b\"|-",
                "\"a\\u007f\"|-"
            })
    void claimsInHeaders(String claim, @Nullable String header) {
        TokenRules rules = rules(rule(ISSUER).claimToHeader("x-claim", List.of("c")));

        AsciiString value = passed(rules, TokenRequest.bearer(token("ES256", "k", "\"c\": " + claim + ", ")))
                .fields()
                .get(AsciiString.of("x-claim"));
        assertThat(value == null ? null : value.toString()).isEqualTo(header);
    }

    @Test
    void theFirstRuleThatAcceptsATokenSaysWhatBecomesOfIt() {
        TokenRule.Builder first = rule(ISSUER).forwardOriginal(true).claimToHeader("x-a", List.of("sub"));
        TokenRule.Builder second = rule(ISSUER).claimToHeader("x-b", List.of("sub"));

        assertThat(passed(rules(first, second), TokenRequest.of("authorization", "Bearer " + GOOD, "x-b", "forged"))
                        .fields())
                .hasToString("authorization: Bearer " + GOOD + "\nx-a: alice\n");
    }

    /// The claims that count are those of the first: what it says, and what it does not, is not mixed with another's.
    @Test
    void twoTokensAreNotMadeIntoOneIdentity() {
        String[] headers = {"authorization", "Bearer " + GOOD, "x-other", OTHER};
        TokenRules ofTwoIssuers = rules(
                rule(ISSUER)
                        .fromHeader("authorization", "Bearer ")
                        .claimToHeader("x-sub", List.of("sub"))
                        .claimToHeader("x-role", List.of("role")),
                rule("other")
                        .fromHeader("x-other", "")
                        .claimToHeader("x-sub", List.of("sub"))
                        .claimToHeader("x-iss", List.of("iss")));
        assertThat(subject(ofTwoIssuers, TokenRequest.of(headers))).isEqualTo("alice");
        assertThat(passed(ofTwoIssuers, TokenRequest.of(headers)).fields()).hasToString("x-sub: alice\nx-iss: other\n");

        TokenRules ofOne =
                rules(rule(ISSUER).claimToHeader("x-sub", List.of("sub")).claimToHeader("x-role", List.of("role")));
        String admin = other("{\"iss\": \"" + ISSUER + "\", \"sub\": \"bob\", \"role\": \"admin\"}");
        assertThat(passed(ofOne, TokenRequest.bearer(GOOD).query("access_token=" + admin))
                        .fields())
                .hasToString("x-sub: alice\n");
    }

    /// Nor are those of a gateway and of the endpoints behind it.
    @Test
    void aTokenThatOnlyTheEndpointsKnowSetsNoHeaderOfTheFirst() {
        TokenRule.Builder shared = rule(ISSUER).claimToHeader("x-sub", List.of("sub"));
        TokenRules gateway = rules(shared);
        TokenRules endpoints =
                rules(shared, rule("other").fromHeader("x-other", "").claimToHeader("x-sub", List.of("sub")));
        TokenRequest request = TokenRequest.of("authorization", "Bearer " + GOOD, "x-other", OTHER);
        Passed first = (Passed) gateway.judge(request, NOW, true);
        gateway.rewrite(request, first.accepted(), List.of(), List.of());
        Passed second = (Passed) endpoints.judge(request, NOW, true);
        endpoints.rewrite(request, second.accepted(), List.of(gateway), first.accepted());

        assertThat(endpoints.claims(first.accepted()).text("sub")).isEqualTo("alice");
        assertThat(request.fields().toString()).doesNotContain("bob");
    }

    @Test
    void someClaimsAreListsDividedByBlanks() throws Exception {
        String token = token(
                "ES256",
                "k",
                "\"scope\": \"read  write\", \"permission\": \"p\", \"roles\": \"a b\", \"name\": \"A B\", ");
        TokenRules rules = rules(rule(ISSUER).spaceDelimited(List.of("roles")));
        Passed passed = (Passed) rules.judge(TokenRequest.bearer(token), NOW, true);
        Claims claims = rules.claims(passed.accepted());

        assertThat(claims.texts(List.of("scope"))).containsExactly("read", "write");
        assertThat(claims.texts(List.of("permission"))).containsExactly("p");
        assertThat(claims.texts(List.of("roles"))).containsExactly("a", "b");
        assertThat(claims.texts(List.of("name"))).containsExactly("A B");
        assertThat(rules(rule(ISSUER)).claims(passed.accepted()))
                .as("of whom it was not verified for")
                .isSameAs(Claims.NONE);
    }

    /// Keys that the test lets arrive.
    private static final class LateKeys implements KeySource {
        private @Nullable KeySet keys;
        private boolean coming = true;

        @Override
        public @Nullable KeySet keys() {
            return keys;
        }

        @Override
        public boolean renew() {
            return coming;
        }

        @Override
        public void whenRenewed(Runnable then) {}

        @Override
        public void forget(Runnable waiting) {}
    }

    /// Two rules for the same origin wait for one fetch.
    @Test
    void keysOfTwoRulesAreWaitedForOnce() {
        LateKeys late = new LateKeys();
        TokenRules rules = rules(
                new TokenRule.Builder(ISSUER, late).audiences(List.of()),
                new TokenRule.Builder(ISSUER, late).forwardOriginal(true));

        assertThat(rules.judge(TokenRequest.bearer(GOOD), NOW, true)).isEqualTo(new Waiting(List.of(late)));
    }

    /// Whoever sends eight tokens that do not say by which key does not have 128 signatures verified. Of what passes
    /// the number is not bounded twice: a token that was verified costs nothing.
    @Test
    void aRequestHasAsManySignaturesVerifiedAsTwoSuchTokensNeed() throws Exception {
        List<String> keys = new ArrayList<>();
        for (int i = 1; i <= 16; i++) {
            keys.add(jwk(TestTokens.key("ES256", "n" + i).getPublic(), ""));
        }
        String set = jwks(keys.toArray(String[]::new));
        TokenRules rules = rules(new TokenRule.Builder(ISSUER, KeySource.Inline.of(set))
                .fromParameter("a")
                .fromParameter("b")
                .fromParameter("c"));
        String last = unnamed("n16", "1");
        String query = "a=" + last + "&b=" + unnamed("n16", "2");

        assertThat(fault(rules, TokenRequest.of().query(query))).isNull();
        assertThat(fault(rules, TokenRequest.of().query(query + "&c=" + last))).isNull();
        TokenRequest three = TokenRequest.of()
                .query("a=" + unnamed("n16", "3") + "&b=" + unnamed("n16", "4") + "&c=" + unnamed("n1", "5"));
        assertThat(fault(rules, three)).isEqualTo(TokenFault.VERIFICATION);
        assertThat(fault(rules, three)).as("the same request").isEqualTo(TokenFault.VERIFICATION);
        assertThat(three.signatures().take()).isFalse();
    }

    private static String unnamed(String key, String id) {
        String payload = "{\"iss\": \"" + ISSUER + "\", \"sub\": \"alice\", \"jti\": \"" + id + "\"}";
        return signed("ES256", TestTokens.key("ES256", key).getPrivate(), "{\"alg\":\"ES256\"}", payload);
    }

    @Test
    void keysThatAreOnTheirWayAreWaitedForOnce() throws Exception {
        LateKeys late = new LateKeys();
        TokenRules rules = rules(new TokenRule.Builder(ISSUER, late));
        TokenRequest request = TokenRequest.bearer(GOOD);

        assertThat(rules.judge(request, NOW, true)).isEqualTo(new Waiting(List.of(late)));
        assertThat(rules.judge(request, NOW, false)).isEqualTo(new Refused(TokenFault.FETCH));
        late.keys = KeySet.parse(jwks(jwk("ES256", "older")), false);
        assertThat(rules.judge(request, NOW, true)).as("an unknown key").isEqualTo(new Waiting(List.of(late)));
        assertThat(rules.judge(request, NOW, false)).isEqualTo(new Refused(TokenFault.NO_KEY));
        late.coming = false;
        assertThat(rules.judge(request, NOW, true)).isEqualTo(new Refused(TokenFault.NO_KEY));
        late.keys = KeySet.parse(jwks(jwk("ES256", "k")), false);
        assertThat(rules.judge(request, NOW, true)).isInstanceOf(Passed.class);
    }

    /// What is wrong with it whatever the keys are is said at once.
    @Test
    void keysAreNotAskedForInVain() {
        LateKeys late = new LateKeys();
        TokenRules rules = rules(new TokenRule.Builder(ISSUER, late).audiences(List.of("a")));

        assertThat(fault(rules, TokenRequest.bearer(OTHER))).isEqualTo(TokenFault.UNKNOWN_ISSUER);
        assertThat(fault(rules, TokenRequest.bearer(GOOD))).isEqualTo(TokenFault.AUDIENCE);
        assertThat(fault(rules, TokenRequest.bearer("a.b.c"))).isEqualTo(TokenFault.HEADER_BASE64);
        assertThat(rules.judge(TokenRequest.of(), NOW, true)).isInstanceOf(Passed.class);
    }

    /// What lasts longer than a configuration is judged by the next one, too.
    @Test
    void theSameRuleOfTheNextConfigurationHasAcceptedTheSame() {
        Passed passed = (Passed) rules(rule(ISSUER)).judge(TokenRequest.bearer(GOOD), NOW, true);

        assertThat(rules(rule(ISSUER)).claims(passed.accepted()).text("sub")).isEqualTo("alice");
        for (TokenRule.Builder other : List.of(
                rule("other"),
                rule(ISSUER).audiences(List.of("a")),
                rule(ISSUER).fromHeader("x", ""),
                rule(ISSUER).forwardOriginal(true),
                rule(ISSUER).spaceDelimited(List.of("a")))) {
            assertThat(rules(other).claims(passed.accepted())).isSameAs(Claims.NONE);
        }
    }

    @Test
    void claimsAreTexts() throws Exception {
        String payload = TestTokens.base64(
                "{\"s\": \"t\", \"l\": [\"a\", 1, \"b\", [\"c\"], null], \"n\": 1, \"b\": true, \"o\": {\"p\": {\"q\": \"r\"}}, \"x.y\": \"z\", \"nul\": null}");
        Claims claims = Jwt.parse(TestTokens.base64("{\"alg\":\"RS256\"}") + "." + payload + ".QQ")
                .claims();

        assertThat(claims.texts(List.of("s"))).containsExactly("t");
        assertThat(claims.texts(List.of("l"))).containsExactly("a", "b");
        assertThat(claims.texts(List.of("o", "p", "q"))).containsExactly("r");
        assertThat(claims.texts(List.of("x.y"))).containsExactly("z");
        for (List<String> none : List.of(
                List.of("n"),
                List.of("b"),
                List.of("o"),
                List.of("o", "p"),
                List.of("s", "t"),
                List.of("x", "y"),
                List.of("none"),
                List.of("nul"),
                List.of("l", "0"),
                List.<String>of())) {
            assertThat(claims.texts(none)).as("%s", none).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            delimiter = '|',
            value = {
                "|-",
                "-|-",
                ".|-",
                "-abc|-",
                ".key1|key1",
                ".key1.KEY2|key1,KEY2",
                ".key1-key2|key1-key2",
                "[]|-",
                "[key1|-",
                "]key1|-",
                ".[key1]|[key1]",
                "[key1]|key1",
                "[key1][key2]|key1,key2",
                "[key1][KEY2]|key1,KEY2",
                "[key1] [key2]|key1] [key2",
                "[test-issuer-2@istio.io]|test-issuer-2@istio.io",
                "[test-issuer-2@istio.io][key1]|test-issuer-2@istio.io,key1",
                "[a][]|-",
                ".a..b|-"
            })
    void claimsOfRoutes(@Nullable String name, @Nullable String path) {
        assertThat(ClaimPath.ofRoute(ClaimPath.ROUTE + (name == null ? "" : name)))
                .isEqualTo(names(path));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            delimiter = '|',
            value = {
                "|-",
                "[]|-",
                "[a]|a",
                "[a][b]|a,b",
                "[a][b][c]|a,b,c",
                "[a][]|-",
                "[a|-",
                "a]|-",
                "[a.b]|a.b",
                "[a]b]|a]b",
                "[a[b]]|a[b]",
                "[https://x.test/roles]|https://x.test/roles"
            })
    void claimsOfConditions(@Nullable String name, @Nullable String path) {
        assertThat(ClaimPath.ofCondition(ClaimPath.CONDITION + (name == null ? "" : name)))
                .isEqualTo(names(path));
    }

    private static List<String> names(@Nullable String path) {
        return path == null ? List.of() : List.of(path.split(","));
    }

    /// What a connection has brought before changes nothing.
    @Test
    void requestsOfOneConnection() {
        TokenRules rules = rules(rule(ISSUER));
        List<String> tokens = List.of(
                GOOD,
                OTHER,
                FORGED,
                GOOD.substring(1),
                GOOD + "A",
                GOOD.substring(0, GOOD.length() - 1),
                swapped(GOOD));
        Random random = new Random(3);
        TokenRequest last = TokenRequest.of();
        for (int i = 0; i < 500; i++) {
            String token = tokens.get(random.nextBoolean() ? 0 : random.nextInt(tokens.size()));
            last = TokenRequest.bearer(token).after(last);
            assertThat(subject(rules, last)).isEqualTo(token.equals(GOOD) ? "alice" : "refused");
            assertThat(fault(rules, last)).isEqualTo(fault(rules, TokenRequest.bearer(token)));
        }
    }

    /// Of the same length, with two letters of its payload in each other's place.
    private static String swapped(String token) {
        int at = token.indexOf('.') + 1;
        while (token.charAt(at) == token.charAt(at + 1)) {
            at++;
        }
        return token.substring(0, at) + token.charAt(at + 1) + token.charAt(at) + token.substring(at + 2);
    }
}
