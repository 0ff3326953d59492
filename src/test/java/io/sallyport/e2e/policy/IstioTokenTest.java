package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.ask;
import static io.sallyport.testing.TestTokens.jwk;
import static io.sallyport.testing.TestTokens.jwks;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Issued;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TestTokens;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `policy/istio-tokens.txt`: what Istio's own tests of RequestAuthentications mean, request by request, over both
/// versions of HTTP.
class IstioTokenTest {
    private static final String KEYS = jwks(jwk("RS256", "istio"));
    private static final TestCertificates AUTHORITY = TestCertificates.authority("issuers");
    private static final Issued ISSUER =
            AUTHORITY.leaf("issuer").dns("issuer.test").issue();

    /// @param match of the route; empty for any request
    private record Row(String scenario, List<String> documents, String match, String text, Map<String, String> tokens) {
        String routes() {
            String condition = match.isEmpty() ? "" : "match: [" + match + "]\n  ";
            return Yaml.virtualService(
                    "*.up.test", "- " + condition + "route: [{destination: {host: up.internal, port: {number: 80}}}]");
        }

        /// A part of the row, the tokens in their places.
        String filled(String part) {
            String filled = part;
            for (Map.Entry<String, String> token : tokens.entrySet()) {
                filled = filled.replace("{" + token.getKey() + "}", token.getValue())
                        .replace(
                                "{" + token.getKey() + ".payload}",
                                token.getValue().split("\\.")[1]);
            }
            return filled;
        }

        @Override
        public String toString() {
            return scenario + ": " + (match.isEmpty() ? "" : match + " ") + text;
        }
    }

    static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        Map<String, String> tokens = new HashMap<>();
        List<String> documents = new ArrayList<>();
        String scenario = "";
        String match = "";
        for (String line : text().lines().toList()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "", ";" -> {}
                case "token" ->
                    tokens.put(words[1], TestTokens.signed("RS256", "istio", line.substring(line.indexOf('{'))));
                case "=" -> {
                    scenario = words[1];
                    documents = new ArrayList<>();
                    match = "";
                }
                case "+" -> documents.add(document(words[1], words[2], line.substring(line.indexOf('{'))));
                case "~" -> match = line.substring(2);
                default -> rows.add(new Row(scenario, documents, match, line, tokens));
            }
        }
        return rows;
    }

    private static String document(String kind, String name, String spec) {
        String group = kind.equals("DestinationRule") ? "networking" : "security";
        int slash = name.indexOf('/');
        return "{apiVersion: %s.istio.io/v1, kind: %s, metadata: {name: %s, namespace: %s}, spec: %s}\n---\n"
                .formatted(group, kind, name.substring(slash + 1), name.substring(0, slash), spec);
    }

    private static String text() throws IOException {
        try (InputStream in = IstioTokenTest.class.getResourceAsStream("/policy/istio-tokens.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// Of `issuer.test`.
    private static void publish(RawUpstream.Connection connection, String head) throws IOException {
        if (head.startsWith("GET /jwks ")) {
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: " + KEYS.length() + "\r\n\r\n" + KEYS);
        } else if (!head.startsWith("GET /slow ")) {
            connection.write("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isWhatIstioMeans(Row row) throws Exception {
        try (TestDns names = new TestDns();
                RawUpstream up = RawUpstream.ok("up");
                RawUpstream issuer = RawUpstream.start(RawUpstream.perRequest(IstioTokenTest::publish));
                RawUpstream secure = RawUpstream.startTls(ISSUER, RawUpstream.perRequest(IstioTokenTest::publish));
                TestGateway gateway = TestGateway.builder()
                        .dns(names)
                        .secret("issuers", AUTHORITY.issued())
                        .start(Yaml.httpGateway("*.up.test")
                                + row.routes()
                                + Yaml.service("up.internal", up.port())
                                        .replace("ports: {port:", "labels: {app: up}, ports: {port:")
                                + issuer(issuer.port(), secure.port())
                                + String.join("", row.documents))) {
            String[] sides = row.text.split(" => ");
            String[] parts = row.filled(sides[0]).split("; ");
            String[] request = parts[0].split(" ");
            String[] fields = Arrays.stream(parts)
                    .skip(1)
                    .flatMap(field -> Arrays.stream(field.split(": ", 2)))
                    .toArray(String[]::new);
            int slash = request[2].indexOf('/');

            int status = ask(gateway, request[1], request[2].substring(0, slash), request[2].substring(slash), fields);

            assertThat(status).isEqualTo(Integer.parseInt(request[0]));
            assertThat(up.connectionCount() > 0).as("has gone on").isEqualTo(status == 200);
            if (sides.length > 1) {
                for (String field : row.filled(sides[1]).split("; ")) {
                    assertReceived(field, up.received());
                }
            }
        }
    }

    /// By both requests.
    private static void assertReceived(String field, String received) {
        if (field.endsWith(":")) {
            assertThat(received).doesNotContain("\r\n" + field);
        } else {
            assertThat(received.split("\r\n" + Pattern.quote(field) + "\r\n", -1))
                    .as(field)
                    .hasSize(3);
        }
    }

    private static String issuer(int plain, int tls) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: issuer}
                spec:
                  hosts: [issuer.test]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: https, protocol: HTTPS}]
                  endpoints: [{address: 127.0.0.1, ports: {http: %d, https: %d}}]
                ---
                """.formatted(plain, tls);
    }
}
