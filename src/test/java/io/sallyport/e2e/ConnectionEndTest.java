package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.listener.ListenerSet;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A connection that its client has left is left by the gateway as well, whatever it speaks: descriptors are finite.
class ConnectionEndTest {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued issued = authority.leaf("a").dns("a.example").issue();

    @ParameterizedTest(name = "{0}, {1}")
    @CsvSource({"h2, FIN", "h2, close_notify", "http/1.1, FIN", "http/1.1, close_notify"})
    void aClientThatIsGoneIsForgotten(String protocol, String way) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = start(upstream);
                Socket plain = new Socket(InetAddress.getLoopbackAddress(), gateway.port(443));
                SSLSocket socket = connect(plain, protocol)) {
            new RawClient(socket).send(protocol.equals("h2") ? PREFACE : "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
            if (protocol.equals("h2")) {
                socket.getOutputStream().write(EMPTY_SETTINGS);
            }
            assertThat(socket.getInputStream().read()).as("the gateway speaks").isNotNegative();
            assertThat(active(gateway)).isEqualTo(1);

            if (way.equals("FIN")) {
                plain.shutdownOutput();
            } else {
                socket.close();
            }

            await().until(() -> active(gateway) == 0);
        }
    }

    private TestGateway start(RawUpstream upstream) {
        return TestGateway.builder()
                .secret("a", issued)
                .start(TlsForwardingTest.gateway(TlsForwardingTest.tlsServer("a.example", "a", 443))
                        + Yaml.service("up.internal", upstream.port())
                        + Yaml.forwardAll("a.example", "up.internal"));
    }

    private SSLSocket connect(Socket plain, String protocol) throws Exception {
        SSLSocket socket = (SSLSocket) TlsClients.of(null, authority)
                .getSocketFactory()
                .createSocket(plain, "a.example", plain.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        assertThat(socket.getApplicationProtocol()).isEqualTo(protocol);
        return socket;
    }

    private static int active(TestGateway gateway) {
        return gateway.dataPlane().listeners().status().stream()
                .mapToInt(ListenerSet.Status::activeConnections)
                .sum();
    }
}
