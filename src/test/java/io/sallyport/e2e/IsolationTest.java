package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.reload.ConfigurationSource.OnError;
import io.sallyport.reload.Reloader;
import io.sallyport.reload.ResourceState;
import io.sallyport.reload.ResourceState.State;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsUpstream;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A resource with errors costs no other one its answer.
class IsolationTest {
    private static final String BROKEN = "kind: [broken\n";

    private TestGateway gateway;

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private void start(String yaml) {
        gateway = TestGateway.builder().onError(OnError.ISOLATE).start(yaml);
        gateway.assumeSeen("the versions that are served");
    }

    private static String answers(String host, String text) {
        return Yaml.virtualService(host, "- directResponse: {status: 200, body: {string: %s}}".formatted(text));
    }

    /// With a match that no decoder knows.
    private static String faulty(String host) {
        return Yaml.virtualService(host, "- {math: [], directResponse: {status: 200, body: {string: faulty}}}");
    }

    private Reloader.Outcome put(String file, String yaml) throws IOException {
        Files.writeString(gateway.config().resolve(file), yaml);
        return gateway.reload();
    }

    private String ask(String host) throws Exception {
        try (RawClient client = new RawClient(gateway.port(80))) {
            return client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").readResponse();
        }
    }

    private ResourceState fault(String id) {
        return gateway.dataPlane().resources().faults().stream()
                .filter(state -> state.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aFaultyResourceIsHeldAndAnothersChangeIsServed() throws Exception {
        start(Yaml.httpGateway("*") + answers("a.example", "a1") + answers("b.example", "b1"));

        Reloader.Outcome outcome =
                gateway.apply(Yaml.httpGateway("*") + faulty("a.example") + answers("b.example", "b2"));

        assertThat(outcome.applied()).isTrue();
        assertThat(ask("a.example")).endsWith("a1");
        assertThat(ask("b.example")).endsWith("b2");
        ResourceState held = fault("VirtualService default/vs-a-example");
        assertThat(held.state()).isEqualTo(State.HELD);
        assertThat(held.generation()).isEqualTo(1);
        assertThat(held.because()).contains("config.yaml:").contains("SAL1101").contains("math");
    }

    @Test
    void whatIsHeldIsHeldAtTheLastVersionThatWasServed() throws Exception {
        start(Yaml.httpGateway("*") + answers("a.example", "a1"));
        gateway.apply(Yaml.httpGateway("*") + answers("a.example", "a2"));
        gateway.apply(Yaml.httpGateway("*") + faulty("a.example"));
        gateway.apply(Yaml.httpGateway("*") + faulty("a.example") + answers("b.example", "b"));

        assertThat(ask("a.example")).endsWith("a2");
        assertThat(fault("VirtualService default/vs-a-example").generation()).isEqualTo(2);

        assertThat(gateway.apply(Yaml.httpGateway("*") + answers("a.example", "a3"))
                        .applied())
                .isTrue();
        assertThat(ask("a.example")).endsWith("a3");
        assertThat(gateway.dataPlane().resources().faults()).isEmpty();
    }

    @Test
    void aFaultyResourceThatWasNeverServedIsLeftOut() throws Exception {
        start(Yaml.httpGateway("*") + faulty("a.example") + answers("b.example", "b"));

        assertThat(ask("a.example")).startsWith("HTTP/1.1 404");
        assertThat(ask("b.example")).endsWith("b");
        assertThat(fault("VirtualService default/vs-a-example").state()).isEqualTo(State.LEFT_OUT);
    }

    @Test
    void aBrokenFileIsServedAsItWasAndOthersChange() throws Exception {
        start(Yaml.httpGateway("*"));
        put("a.yaml", answers("a.example", "a1"));
        put("b.yaml", answers("b.example", "b1"));

        Files.writeString(gateway.config().resolve("a.yaml"), answers("new.example", "new") + BROKEN);
        Reloader.Outcome outcome = put("b.yaml", answers("b.example", "b2"));

        assertThat(outcome.applied()).isTrue();
        assertThat(ask("a.example")).endsWith("a1");
        assertThat(ask("b.example")).endsWith("b2");
        assertThat(ask("new.example")).startsWith("HTTP/1.1 404");
        assertThat(fault("VirtualService default/vs-a-example").because()).contains("SAL1004");
    }

    @Test
    void aFileThatIsGoneTakesItsResourcesWithIt() throws Exception {
        start(Yaml.httpGateway("*") + answers("b.example", "b"));
        put("a.yaml", answers("a.example", "a1"));
        Files.writeString(gateway.config().resolve("bad.yaml"), BROKEN);
        Files.delete(gateway.config().resolve("a.yaml"));

        assertThat(gateway.reload().applied()).isTrue();
        assertThat(ask("a.example")).startsWith("HTTP/1.1 404");
        assertThat(ask("b.example")).endsWith("b");
    }

    @Test
    void aPolicyThatCannotBeReadAtTheStartDeniesWhatItCoversByName() throws Exception {
        start(Yaml.httpGateway("*")
                + answers("a.example", "a")
                + Yaml.security("AuthorizationPolicy", "default", "who", "{action: DENY, rules: [{form: []}]}"));

        assertThat(ask("a.example")).startsWith("HTTP/1.1 403");
        gateway.firstFacts();
        assertThat(gateway.facts().getLast().policy.deniedBy()).isEqualTo("default/who (left out)");
        try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
            assertThat(client.get("http", "a.example", "/").status()).hasToString("403");
        }

        assertThat(gateway.apply(Yaml.httpGateway("*")
                                + answers("a.example", "a")
                                + Yaml.security(
                                        "AuthorizationPolicy", "default", "who", "{action: ALLOW, rules: [{}]}"))
                        .applied())
                .isTrue();
        assertThat(ask("a.example")).endsWith("a");
    }

    @Test
    void aPolicyThatCannotBeReadAnyMoreIsHeld() throws Exception {
        start(Yaml.httpGateway("*") + answers("a.example", "a"));
        put(
                "policy.yaml",
                Yaml.security(
                        "AuthorizationPolicy",
                        "default",
                        "who",
                        "{action: DENY, rules: [{to: [{operation: {hosts: [a.example]}}]}]}"));
        assertThat(ask("a.example")).startsWith("HTTP/1.1 403");

        put(
                "policy.yaml",
                Yaml.security("AuthorizationPolicy", "default", "who", "{action: DENY, rules: [{form: []}]}"));
        assertThat(ask("a.example")).startsWith("HTTP/1.1 403");
        put("policy.yaml", BROKEN);
        assertThat(ask("a.example")).startsWith("HTTP/1.1 403");
        put("policy.yaml", "");
        assertThat(ask("a.example")).startsWith("HTTP/1.1 403");
        put(
                "policy.yaml",
                Yaml.security("AuthorizationPolicy", "default", "Not_A_Name", "{action: DENY, rules: [{}]}"));
        assertThat(ask("a.example")).startsWith("HTTP/1.1 403");

        Files.delete(gateway.config().resolve("policy.yaml"));
        gateway.reload();
        assertThat(ask("a.example")).endsWith("a");
    }

    @Test
    void aDirectoryOfWhichNothingIsValidIsRefused() throws Exception {
        start(Yaml.httpGateway("*") + answers("a.example", "a"));

        assertThat(gateway.apply(faulty("b.example")).refused()).isTrue();
        assertThat(ask("a.example")).endsWith("a");
    }

    /// A Gateway that asks for certificates is left out. At its port another one has requests of all hosts, and
    /// passes the bytes of one through.
    @Test
    void bytesBesideADenialGoWhereTheyWent() throws Exception {
        TestCertificates authority = TestCertificates.authority("isolation");
        Issued edge = authority.leaf("edge").dns("*.example").issue();
        try (TlsUpstream upstream = TlsUpstream.start("through", edge)) {
            gateway = TestGateway.builder()
                    .onError(OnError.ISOLATE)
                    .secret("cert", edge)
                    .start("""
                            apiVersion: networking.istio.io/v1
                            kind: Gateway
                            metadata: {name: edge}
                            spec:
                              servers:
                              - {port: {number: 443, name: tls, protocol: TLS}, hosts: [p.example], tls: {mode: PASSTHROUGH}}
                              - port: {number: 443, name: https, protocol: HTTPS}
                                hosts: ["*"]
                                tls: {mode: SIMPLE, credentialName: cert}
                            ---
                            apiVersion: networking.istio.io/v1
                            kind: Gateway
                            metadata: {name: secure}
                            spek: {}
                            spec:
                              servers:
                              - port: {number: 443, name: https, protocol: HTTPS}
                                hosts: [a.example]
                                tls: {mode: MUTUAL, credentialName: cert}
                            ---
                            apiVersion: networking.istio.io/v1
                            kind: VirtualService
                            metadata: {name: through}
                            spec:
                              hosts: [p.example]
                              gateways: [edge]
                              tls:
                              - match: [{sniHosts: [p.example]}]
                                route: [{destination: {host: up.internal, port: {number: 80}}}]
                            ---
                            """
                            + Yaml.service("up.internal", "TLS", upstream.port())
                            + answers("a.example", "a")
                            + answers("b.example", "b"));
            gateway.assumeSeen("what is left out");

            assertThat(askSecurely(authority, "p.example")).endsWith("through");
            assertThat(askSecurely(authority, "a.example")).startsWith("HTTP/1.1 403");
            assertThat(askSecurely(authority, "b.example")).endsWith("b");
            try (RawHttp2Client client = new RawHttp2Client(connect(authority, "a.example", "h2"))) {
                assertThat(client.get("https", "a.example", "/").status()).hasToString("403");
            }
            assertThat(gateway.facts())
                    .anySatisfy(facts -> assertThat(facts.policy.deniedBy()).isEqualTo("default/secure (left out)"));
        }
    }

    private SSLSocket connect(TestCertificates authority, String host, String protocol) throws IOException {
        var plain = new Socket(InetAddress.getLoopbackAddress(), gateway.port(443));
        var socket =
                (SSLSocket) TlsClients.of(null, authority).getSocketFactory().createSocket(plain, host, 443, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        return socket;
    }

    private String askSecurely(TestCertificates authority, String host) throws IOException {
        try (RawClient client = new RawClient(connect(authority, host, "http/1.1"))) {
            return client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").readResponse();
        }
    }
}
