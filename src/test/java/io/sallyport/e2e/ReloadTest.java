package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.reload.Reloader;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A configuration change is one transaction: all of it, or the last good one goes on.
class ReloadTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";

    private static String good(RawUpstream upstream) {
        return Yaml.httpGateway("*")
                + Yaml.service("shop.internal", upstream.port())
                + Yaml.forwardAll("shop.example", "shop.internal");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kind: [broken",
                "",
                "# only a comment",
                "a: &a [*a, *a, *a]",
                "apiVersion: networking.istio.io/v1\nkind: Gateway\nkind: Gateway\nmetadata: {name: x}\n",
                "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: x}\nspec: {server: []}\n",
                "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: x}\nspec: {servers: 7}\n",
                "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: x}\nspec: {action: CUSTOM}\n",
                "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: x}\nspec: {jwtRules: [{}]}\n",
            })
    void aBadConfigurationIsRefusedAndTheLastGoodOneServes(String bad) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(good(upstream));
                RawClient client = new RawClient(gateway.port(80))) {
            Reloader.Outcome outcome = gateway.apply(bad);

            assertThat(outcome.refused()).isTrue();
            assertThat(outcome.problems()).anySatisfy(problem -> {
                assertThat(problem.isError()).isTrue();
                assertThat(problem.at().file()).isNotEmpty();
            });
            assertThat(gateway.generation()).isEqualTo(1);
            assertThat(client.send(GET).readResponse()).endsWith("ok");
        }
    }

    @Test
    void aDeletedDirectoryIsRefused() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(good(upstream));
                RawClient client = new RawClient(gateway.port(80))) {
            Files.delete(gateway.config().resolve("config.yaml"));

            assertThat(gateway.reload().refused()).isTrue();
            assertThat(client.send(GET).readResponse()).endsWith("ok");
        }
    }

    @Test
    void aPortThatCannotBeBoundIsRefusedAndNothingElseChanges() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(good(upstream));
                ServerSocket taken = new ServerSocket(gateway.port(8080));
                RawClient client = new RawClient(gateway.port(80))) {
            Reloader.Outcome outcome = gateway.apply("""
                    apiVersion: networking.istio.io/v1
                    kind: Gateway
                    metadata: {name: edge}
                    spec:
                      servers:
                      - port: {number: 8080, name: http, protocol: HTTP}
                        hosts: ["*"]
                    """);

            assertThat(outcome.refused()).isTrue();
            assertThat(outcome.failure()).contains(Integer.toString(taken.getLocalPort()));
            assertThat(client.send(GET).readResponse()).endsWith("ok");
        }
    }

    @Test
    void aKeptConnectionMeetsTheNewRoutes() throws Exception {
        try (RawUpstream one = RawUpstream.ok("one");
                RawUpstream two = RawUpstream.ok("two");
                TestGateway gateway = TestGateway.serving(good(one));
                RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send(GET).readResponse()).endsWith("one");
            assertThat(gateway.apply(good(two)).applied()).isTrue();
            assertThat(client.send(GET).readResponse()).endsWith("two");
        }
    }

    @Test
    void whatDoesNotChangeKeepsItsConnections() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(good(upstream));
                RawClient client = new RawClient(gateway.port(80))) {
            client.send(GET).readResponse();
            for (int i = 0; i < 5; i++) {
                gateway.apply(good(upstream) + Yaml.forwardAll("more" + i + ".example", "shop.internal"));
                client.send(GET).readResponse();
            }
            assertThat(gateway.generation()).isEqualTo(6);
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }

    @Test
    void aRequestInFlightFinishesWhenItsRouteIsRemoved() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch removed = new CountDownLatch(1);
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readRequest();
                    asked.countDown();
                    try {
                        removed.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    connection.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlate");
                });
                TestGateway gateway = TestGateway.serving(good(upstream));
                RawClient client = new RawClient(gateway.port(80))) {
            client.send(GET);
            asked.await();
            assertThat(gateway.apply(Yaml.httpGateway("*") + Yaml.virtualService("x.example", """
                            - directResponse: {status: 200}
                            """))
                            .applied())
                    .isTrue();
            removed.countDown();

            assertThat(client.readResponse()).endsWith("late");
        }
    }

    @Test
    void anUnchangedDirectoryIsNoNewGeneration() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(good(upstream))) {
            assertThat(gateway.apply(good(upstream)).unchanged()).isTrue();
            assertThat(gateway.generation()).isEqualTo(1);
        }
    }

    @Test
    void aFileThatIsNoSecretsIsNoNewGeneration() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(good(upstream))) {
            Path log =
                    Files.createDirectories(gateway.secrets().resolve("logs")).resolve("gateway.log");
            Files.writeString(log, "a line");

            assertThat(gateway.reload().unchanged()).isTrue();
        }
    }
}
