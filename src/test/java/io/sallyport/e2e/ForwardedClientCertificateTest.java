package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.ForwardedClientCert.Field;
import io.sallyport.proxy.ClientCertForwarding;
import io.sallyport.proxy.ClientCertForwarding.Mode;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What an upstream reads in `x-forwarded-client-cert`, by mode, by what the client shows and by what it claims.
class ForwardedClientCertificateTest {
    private static final String GATEWAY = "spiffe://cluster.local/ns/edge/sa/gateway";
    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");
    private static final Issued CLIENT = AUTHORITY
            .intermediate("between")
            .leaf("CN=shop,O=Web")
            .uri("spiffe://cluster.local/ns/web/sa/shop")
            .dns("shop.example", "shop")
            .clientUse()
            .issue();
    private static final String SAID = "By=" + GATEWAY + ";Hash=[0-9a-f]{64};Subject=\"O=Web,CN=shop\""
            + ";URI=spiffe://cluster.local/ns/web/sa/shop;DNS=shop.example;DNS=shop";

    private static RawUpstream upstream;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.ok("ok");
    }

    @AfterAll
    static void stop() {
        upstream.close();
    }

    private TestGateway gateway(String mode, ClientCertForwarding forwarding) throws Exception {
        Path identity = directory.resolve("identity");
        AUTHORITY.leaf("gateway").uri(GATEWAY).dns("localhost").issue().writeSecret(identity);
        Files.writeString(identity.resolve("ca.crt"), AUTHORITY.pem());
        Issued server = AUTHORITY.leaf("gateway").uri(GATEWAY).dns("localhost").issue();
        return TestGateway.builder()
                .identity(identity)
                .secret("a", server)
                .proxy(ProxySettings.DEFAULT.withClientCert(forwarding))
                .start("""
                        apiVersion: networking.istio.io/v1
                        kind: Gateway
                        metadata: {name: edge}
                        spec:
                          servers:
                          - port: {number: 443, name: https, protocol: HTTPS}
                            hosts: ["*"]
                            tls: {mode: %s}
                        ---
                        """.formatted(mode)
                        + Yaml.service("up.internal", upstream.port())
                        + Yaml.forwardAll("*", "up.internal"));
    }

    /// @param client null for none
    /// @return the header, or `-`
    private static String told(TestGateway gateway, HttpClient.Version version, Issued client, String claim)
            throws Exception {
        String path = "/" + System.nanoTime();
        try (HttpClient http = HttpClient.newBuilder()
                .version(version)
                .sslContext(TlsClients.of(client, AUTHORITY))
                .build()) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("https://localhost:" + gateway.port(443) + path));
            if (!claim.equals("-")) {
                request.header("x-forwarded-client-cert", claim);
                if (claim.indexOf('"') < 0) {
                    request.header("x-forwarded-client-cert", claim + "2");
                }
            }
            var response = http.send(request.build(), BodyHandlers.ofString());
            assertThat(response.version()).isEqualTo(version);
            assertThat(response.statusCode()).isEqualTo(200);
        }
        String head = upstream.received();
        head = head.substring(head.indexOf(path));
        head = head.substring(0, head.indexOf("\r\n\r\n") + 2);
        StringBuilder told = new StringBuilder();
        for (String line : head.split("\r\n")) {
            if (line.startsWith("x-forwarded-client-cert: ")) {
                told.append(told.isEmpty() ? "" : "|").append(line.substring("x-forwarded-client-cert: ".length()));
            }
        }
        return told.isEmpty() ? "-" : told.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "SANITIZE; false; claim; -",
                "SANITIZE; true; claim; -",
                "FORWARD_ONLY; false; claim; -",
                "FORWARD_ONLY; true; claim; claim|claim2",
                "FORWARD_ONLY; true; -; -",
                "APPEND_FORWARD; false; claim; -",
                "APPEND_FORWARD; true; -; SAID",
                "APPEND_FORWARD; true; claim; claim,claim2,SAID",
                "APPEND_FORWARD; true; Subject=\"x\"; Subject=\"x\",SAID",
                "APPEND_FORWARD; true; Subject=\"x; SAID",
                "APPEND_FORWARD; true; Subject=\"x\\\"; SAID",
                "SANITIZE_SET; false; claim; -",
                "SANITIZE_SET; true; claim; SAID",
                "SANITIZE_SET; true; -; SAID",
                "ALWAYS_FORWARD_ONLY; false; claim; claim|claim2",
                "ALWAYS_FORWARD_ONLY; true; claim; claim|claim2",
                "ALWAYS_FORWARD_ONLY; true; -; -",
            })
    void theModeDecidesWhoIsBelieved(Mode mode, boolean shows, String claim, String expected) throws Exception {
        ClientCertForwarding forwarding = new ClientCertForwarding(mode, Set.of(Field.SUBJECT, Field.URI, Field.DNS));
        try (TestGateway gateway = gateway("OPTIONAL_MUTUAL, credentialName: a", forwarding)) {
            for (HttpClient.Version version : HttpClient.Version.values()) {
                if (version == HttpClient.Version.HTTP_1_1 || version == HttpClient.Version.HTTP_2) {
                    String told = told(gateway, version, shows ? CLIENT : null, claim);
                    assertThat(told)
                            .as("%s", version)
                            .matches(expected.replace("|", "\\|").replace("SAID", SAID));
                }
            }
        }
    }

    @Test
    void byDefaultItSaysWhatIstiosGatewaysSay() throws Exception {
        try (TestGateway gateway = gateway("ISTIO_MUTUAL", ClientCertForwarding.DEFAULT)) {
            assertThat(told(gateway, HttpClient.Version.HTTP_2, CLIENT, "forged"))
                    .matches(SAID.replace(";Subject", ";Cert=\"-----BEGIN%20CERTIFICATE-----%0A[^\"]+%0A\";Subject"));
        }
    }

    @Test
    void theChainIsWhatTheClientHasSent() throws Exception {
        ClientCertForwarding chain = new ClientCertForwarding(Mode.SANITIZE_SET, Set.of(Field.CHAIN));
        try (TestGateway gateway = gateway("ISTIO_MUTUAL", chain)) {
            assertThat(told(gateway, HttpClient.Version.HTTP_1_1, CLIENT, "-"))
                    .matches("By=" + GATEWAY + ";Hash=[0-9a-f]{64};Chain=\"(-----BEGIN[^\"]+){2}\"");
        }
    }
}
