package io.sallyport.jwt;

import io.netty.util.AsciiString;
import io.sallyport.testing.TestTokens;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a token costs: verified for the first time, known already, and beside both the JDK's own verification of the
/// same bytes.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenBenchmark {
    private static final long NOW = 1_800_000_000;

    /// Claims as an identity provider has them; the token has some 700 to 900 characters.
    private static final String CLAIMS =
            "\"aud\": [\"shop\", \"account\"], \"iat\": 1700000000, \"azp\": \"shop-frontend\", "
                    + "\"jti\": \"3b3a1e0c-6f0e-4a55-9d0f-0c1d2e3f4a5b\", \"scope\": \"openid profile email\", "
                    + "\"realm_access\": {\"roles\": [\"offline_access\", \"uma_authorization\", \"user\"]}, "
                    + "\"preferred_username\": \"alice\", \"email\": \"alice@shop.example\", \"email_verified\": true, ";

    @Param({"RS256", "ES256"})
    public String algorithm;

    private String compact = "";
    private byte[] signed = {};
    private byte[] signature = {};
    private String jcaName = "";
    private PublicKey key = TestTokens.key("ES256", "k").getPublic();
    private KeySet keys;
    private TokenRules rules = TokenRules.NONE;
    private TokenRequest request = TokenRequest.of();

    @Setup
    public void sign() throws KeySetException {
        compact = TestTokens.token(algorithm, "k", CLAIMS);
        int end = compact.lastIndexOf('.');
        signed = compact.substring(0, end).getBytes(StandardCharsets.US_ASCII);
        signature = Base64.getUrlDecoder().decode(compact.substring(end + 1));
        jcaName = algorithm.equals("RS256") ? "SHA256withRSA" : "SHA256withECDSAinP1363Format";
        key = TestTokens.key(algorithm, "k").getPublic();
        KeySource.Inline source = KeySource.Inline.of(TestTokens.jwks(TestTokens.jwk(algorithm, "k")));
        keys = source.keys();
        rules = new TokenRules(List.of(new TokenRule.Builder("https://issuer.test", source).build()));
        request = TokenRequest.bearer(compact);
    }

    @Benchmark
    public boolean jdk() throws GeneralSecurityException {
        Signature verifier = Signature.getInstance(jcaName);
        verifier.initVerify(key);
        verifier.update(signed);
        return verifier.verify(signature);
    }

    /// All that a token costs that nobody has sent before, from its text on.
    @Benchmark
    public Jwt verified() throws TokenException {
        TokenHash hash = TokenHash.of(new AsciiString(compact));
        Jwt jwt = Jwt.parse(compact);
        keys.verify(compact, hash, jwt, new SignatureBudget());
        return jwt;
    }

    /// All that a request costs whose token was verified before, from its fields to what it says.
    @Benchmark
    public Claims known() {
        if (rules.judge(request, NOW, false) instanceof TokenRules.Passed(List<TokenRules.Accepted> accepted)) {
            return rules.claims(accepted);
        }
        throw new IllegalStateException("refused");
    }
}
