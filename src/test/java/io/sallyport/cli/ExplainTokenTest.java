package io.sallyport.cli;

import static io.sallyport.testing.TestTokens.jwk;
import static io.sallyport.testing.TestTokens.jwks;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Commands;
import io.sallyport.testing.TestTokens;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `explain --token`.
class ExplainTokenTest {
    private static final String TOKEN = TestTokens.token("ES256", "k", "\"group\": \"admins\", ");

    @TempDir
    private Path directory;

    private final Commands commands = new Commands();

    @BeforeEach
    void configuration() throws IOException {
        write("jwks: '" + jwks(jwk("ES256", "k")) + "'");
    }

    private void write(String keys) throws IOException {
        Files.writeString(
                directory.resolve("a.yaml"),
                Yaml.httpGateway("*") + Yaml.virtualService("a.test", """
                                - match: [{headers: {"@request.auth.claims[group]": {exact: admins}}}]
                                  name: admins
                                  directResponse: {status: 201}
                                - directResponse: {status: 200}
                                """) + """
                        apiVersion: security.istio.io/v1
                        kind: RequestAuthentication
                        metadata: {name: tokens}
                        spec:
                          jwtRules:
                          - issuer: https://issuer.test
                            %s
                        ---
                        apiVersion: security.istio.io/v1
                        kind: AuthorizationPolicy
                        metadata: {name: known}
                        spec:
                          rules: [{from: [{source: {requestPrincipals: ["*"]}}]}]
                        """.formatted(keys));
    }

    private int explain(String... more) {
        String[] arguments = new String[4 + more.length];
        System.arraycopy(new String[] {"explain", directory.toString(), "--url", "http://a.test/"}, 0, arguments, 0, 4);
        System.arraycopy(more, 0, arguments, 4, more.length);
        return commands.run(arguments);
    }

    @Test
    void aTokenSaysWhatCountsAndWhereItLeads() {
        assertThat(explain("--token", TOKEN)).isZero();
        assertThat(commands.out())
                .contains("token         accepted for issuer https://issuer.test: request principal"
                        + " https://issuer.test/alice, of this instance")
                .contains("ALLOW default/known", "rule 0 matches")
                .contains("admins");
    }

    @Test
    void withoutATokenThePolicySaysThatThereIsNone() {
        assertThat(explain()).isEqualTo(3);
        assertThat(commands.out()).contains("there is no verified token", "403 RBAC");
    }

    @Test
    void aTokenIsReadFromAFile() throws Exception {
        Path file = Files.writeString(directory.resolve("token.txt"), TOKEN + "\n");

        assertThat(explain("--token", file.toString(), "-o", "json")).isZero();
        assertThat(commands.out()).contains("request principal https://issuer.test/alice");
    }

    @Test
    void aTokenThatIsNotAcceptedIsRefusedAsServeDoes() {
        assertThat(explain("--token", TestTokens.token("ES256", "forged", ""))).isEqualTo(3);
        assertThat(commands.out())
                .contains("refused, of this instance: Jwks doesn't have key to match kid or alg from Jwt")
                .contains(
                        "refused       401, jwt_authn_access_denied{Jwks_doesn't_have_key_to_match_kid_or_alg_from_Jwt}");
        assertThat(explain(
                        "--token",
                        "x",
                        "-X",
                        "OPTIONS",
                        "-H",
                        "Origin: https://b.test",
                        "-H",
                        "Access-Control-Request-Method: GET"))
                .as("a preflight has no claims")
                .isEqualTo(3);
        assertThat(commands.out()).contains("there is no verified token").doesNotContain("Jwt is not");
    }

    /// Nothing is fetched to explain something.
    @Test
    void aSignatureWhoseKeysAreFetchedIsTakenForGood() throws Exception {
        write("jwksUri: https://issuer.test/jwks");

        assertThat(explain("--token", TestTokens.token("ES256", "forged", "\"group\": \"admins\", ")))
                .isZero();
        assertThat(commands.out())
                .contains("its signature is not looked at, for the keys are fetched by `serve` alone");
        assertThat(explain(
                        "--token", TestTokens.signed("ES256", "k", "{\"iss\": \"https://issuer.test\", \"exp\": 7}")))
                .isEqualTo(3);
        assertThat(commands.out()).contains("Jwt is expired");
    }
}
