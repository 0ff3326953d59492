package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsUpstream;
import io.sallyport.testing.Yaml;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which route of a PASSTHROUGH server takes a connection: the one that names the server most closely, wherever it
/// stands.
class PassthroughNamesTest {
    private final TestCertificates authority = TestCertificates.authority("root");
    private final Issued any = authority.leaf("any").dns("any.test").issue();
    private final TlsUpstream wide = TlsUpstream.start("wide", any);
    private final TlsUpstream narrow = TlsUpstream.start("narrow", any);
    private final TlsUpstream exact = TlsUpstream.start("exact", any);

    @AfterEach
    void stop() throws Exception {
        wide.close();
        narrow.close();
        exact.close();
    }

    private String services() {
        return Yaml.service("wide.internal", wide.port())
                + Yaml.service("narrow.internal", narrow.port())
                + Yaml.service("exact.internal", exact.port());
    }

    private static String gateway(String host) {
        return Yaml.gateway("port: {number: 443, name: tls, protocol: TLS}, hosts: [\"%s\"], tls: {mode: PASSTHROUGH}"
                .formatted(host));
    }

    private static String service(String name, String host, String... routes) {
        var text = new StringBuilder("""
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: ["%s"]
                  gateways: [edge]
                  tls:
                """.formatted(name, host));
        for (String route : routes) {
            text.append("  - ").append(route).append('\n');
        }
        return text.append("---\n").toString();
    }

    private static String route(String sniHosts, String to) {
        return "{match: [{sniHosts: [%s]}], route: [{destination: {host: %s.internal}}]}".formatted(sniHosts, to);
    }

    /// @param sni null for none
    private String ask(TestGateway gateway, String sni) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), gateway.port(443));
        SSLSocket socket =
                (SSLSocket) TlsClients.of(null, authority).getSocketFactory().createSocket(plain, "", 0, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(sni == null ? List.of() : List.of(new SNIHostName(sni)));
        socket.setSSLParameters(parameters);
        try (RawClient client = new RawClient(socket)) {
            socket.startHandshake();
            String answer = client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").readResponse();
            return answer.substring(answer.lastIndexOf('\n') + 1);
        }
    }

    private static String explained(TestGateway gateway, String sni) {
        ExplainedRequest request =
                new ExplainedRequest(443, true, sni, "x", "GET", "/", Map.of(), null, "127.0.0.1", null);
        return new JsonObject(new Explainer(gateway.read().plan(), ProxySettings.DEFAULT)
                        .explain(request)
                        .json())
                .encode();
    }

    private void goesByTheClosestName(String yaml) throws Exception {
        try (TestGateway gateway = TestGateway.serving(gateway("*.q.test") + services() + yaml)) {
            assertThat(ask(gateway, "pay.b.q.test")).isEqualTo("exact");
            assertThat(ask(gateway, "x.b.q.test")).isEqualTo("narrow");
            assertThat(ask(gateway, "b.q.test")).isEqualTo("wide");
            assertThat(explained(gateway, "pay.b.q.test")).contains("exact.internal");
            assertThat(explained(gateway, "x.b.q.test")).contains("narrow.internal");
        }
    }

    @ParameterizedTest
    @CsvSource({"a, b, c", "a, c, b", "b, a, c", "b, c, a", "c, a, b", "c, b, a"})
    void amongVirtualServicesInEachOrder(String first, String second, String third) throws Exception {
        goesByTheClosestName(service(first, "*.q.test", route("'*.q.test'", "wide"))
                + service(second, "*.b.q.test", route("'*.b.q.test'", "narrow"))
                + service(third, "pay.b.q.test", route("pay.b.q.test", "exact")));
    }

    @Test
    void amongRoutesOfOneVirtualService() throws Exception {
        String wideRoute = route("'*.q.test'", "wide");
        String narrowRoute = route("'*.b.q.test'", "narrow");
        String exactRoute = route("pay.b.q.test", "exact");
        goesByTheClosestName(service("one", "*.q.test", wideRoute, narrowRoute, exactRoute));
        goesByTheClosestName(service("one", "*.q.test", narrowRoute, exactRoute, wideRoute));
    }

    @Test
    void ofEqualNamesTheFirst() throws Exception {
        String yaml = service("a", "*.q.test", route("'*.q.test', pay.q.test", "wide"), route("'*.q.test'", "narrow"))
                + service("b", "pay.q.test", route("pay.q.test", "exact"));
        try (TestGateway gateway = TestGateway.serving(gateway("*.q.test") + services() + yaml)) {
            assertThat(ask(gateway, "pay.q.test")).isEqualTo("wide");
            assertThat(ask(gateway, "x.q.test")).isEqualTo("wide");
        }
    }

    /// Istio leaves the condition out then.
    @Test
    void anyNameIsAlsoNone() throws Exception {
        String yaml = service("a", "*", route("'*'", "wide"), route("pay.q.test", "exact"));
        try (TestGateway gateway = TestGateway.serving(gateway("*") + services() + yaml)) {
            assertThat(ask(gateway, null)).isEqualTo("wide");
            assertThat(ask(gateway, "other.test")).isEqualTo("wide");
            assertThat(ask(gateway, "pay.q.test")).isEqualTo("exact");
        }
    }

    @Test
    void aNamedRouteTakesNobodyWithoutAName() throws Exception {
        String yaml = service("a", "*", route("'*.q.test'", "wide"));
        try (TestGateway gateway = TestGateway.serving(gateway("*") + services() + yaml)) {
            assertThatThrownBy(() -> ask(gateway, null)).isInstanceOf(IOException.class);
            assertThat(ask(gateway, "a.q.test")).isEqualTo("wide");
        }
    }
}
