package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.get;
import static io.sallyport.e2e.policy.AuthorizationFixture.http1;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static io.sallyport.e2e.policy.AuthorizationFixture.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Policies of the same paths that differ in the clients, hosts or fields that they name.
class ManyPoliciesTest {
    private static final int POLICIES = 40;
    private static final String ROUTES =
            Yaml.httpGateway("*") + Yaml.virtualService("*", "- directResponse: {status: 200}");

    /// @param rule of a policy's number
    private static String policies(String action, IntFunction<String> rule) {
        return IntStream.range(0, POLICIES)
                .mapToObj(i -> policy("p%02d".formatted(i), "action: " + action + "\nrules: [" + rule.apply(i) + "]"))
                .collect(Collectors.joining());
    }

    private static String field(int i) {
        return "{to: [{operation: {paths: [\"/*\"]}}], when: [{key: \"request.headers[X-Team]\", values: [team-%d]}]}"
                .formatted(i);
    }

    @Test
    void theFirstThatNamesTheRequestDeniesIt() throws Exception {
        String more = policy("q", "action: DENY\nrules: [" + field(17) + "]");
        try (TestGateway gateway = TestGateway.serving(ROUTES + more + policies("DENY", ManyPoliciesTest::field))) {
            assertThat(http1(gateway, "GET", "a.test", "/", "x-team", "team-17"))
                    .startsWith("HTTP/1.1 403 ");
            assertThat(gateway.firstFacts().details)
                    .isEqualTo("rbac_access_denied_matched_policy[ns[default]-policy[p17]-rule[0]]");
            assertThat(get(gateway, "a.test", "/a;b%2Fc", "x-team", "team-39")).isEqualTo(403);
            assertThat(get(gateway, "a.test", "/", "x-team", "team-40")).isEqualTo(200);
            assertThat(get(gateway, "a.test", "/", "x-team", "")).isEqualTo(200);
            assertThat(get(gateway, "a.test", "/")).isEqualTo(200);
        }
    }

    @Test
    void anyThatNamesTheRequestAllowsIt() throws Exception {
        try (TestGateway gateway = TestGateway.serving(ROUTES + policies("ALLOW", ManyPoliciesTest::field))) {
            assertThat(get(gateway, "a.test", "/", "x-team", "team-17")).isEqualTo(200);
            assertThat(get(gateway, "a.test", "/", "x-team", "team-40")).isEqualTo(403);
            assertThat(get(gateway, "a.test", "/", "x-team", "team-1, team-17")).isEqualTo(403);
            assertThat(get(gateway, "a.test", "/")).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a17.test, 403",
        "A17.TEST, 403",
        "a17.test., 403",
        "a17.test:8080, 403",
        "a40.test, 200",
        "xa17.test, 200"
    })
    void hostsAreFoundHoweverTheyAreWritten(String host, int status) throws Exception {
        try (TestGateway gateway = TestGateway.serving(
                ROUTES + policies("DENY", "{to: [{operation: {hosts: [a%d.test], paths: [\"/*\"]}}]}"::formatted))) {
            assertThat(get(gateway, host, "/")).isEqualTo(status);
        }
    }

    @ParameterizedTest
    @CsvSource({"127, ''", "128, hello"})
    void connectionsAreDeniedByTheirAddresses(int network, String expected) throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> connection.write("hello"));
                TestGateway gateway = TestGateway.serving(tcp(upstream.port())
                        + policies("DENY", i -> "{from: [{source: {ipBlocks: [%d.0.0.0/8]}}]}"
                                .formatted(i == 17 ? network : 10 + i)));
                RawClient client = new RawClient(gateway.port(31400))) {
            client.endOutput();
            assertThat(client.readToEnd()).isEqualTo(expected);
            if (expected.isEmpty()) {
                assertThat(gateway.firstFacts().details)
                        .isEqualTo("rbac_access_denied_matched_policy[ns[default]-policy[p17]-rule[0]]");
            }
        }
    }
}
