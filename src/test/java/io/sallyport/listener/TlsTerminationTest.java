package io.sallyport.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufUtil;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.TlsRejection;
import io.sallyport.identity.TrustBundle;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsSpecs;
import io.sallyport.tls.DownstreamTlsContext;
import io.sallyport.tls.DownstreamTlsSpec;
import io.sallyport.tls.Hello;
import java.io.IOException;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Over real sockets, with the JDK's client.
@Timeout(60)
class TlsTerminationTest {
    private static final TestCertificates CA = TestCertificates.authority("ca");
    private static final TestCertificates CLIENTS = TestCertificates.authority("clients");
    private static final Issued SERVER = CA.leaf("api").dns("api.example.com").issue();
    private static final List<String> HTTP = List.of("h2", "http/1.1");

    private TlsPort port;

    @AfterEach
    void close() {
        port.close();
    }

    @Test
    void tellsWhatTheHandshakeFoundOut() throws Exception {
        port = new TlsPort(mutual(CLIENTS));
        Issued client =
                CLIENTS.leaf("web").uri("spiffe://cluster.local/ns/a/sa/web").issue();
        port.connect(TlsClients.of(client, CA), "TLSv1.3").close();
        ConnectionInfo.Tls found = port.secured.poll(5, TimeUnit.SECONDS);
        assertThat(found.cipherSuite()).startsWith("TLS_AES_");
        assertThat(found)
                .isEqualTo(new ConnectionInfo.Tls(
                        "TLSv1.3",
                        found.cipherSuite(),
                        "api.example.com",
                        "http/1.1",
                        client.certificate(),
                        "spiffe://cluster.local/ns/a/sa/web"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aRefusedClientHearsWhyAndNobodyElseHearsOfIt(String protocol) throws Exception {
        port = new TlsPort(mutual(CLIENTS));
        Issued expired = CLIENTS.leaf("web").expired().issue();
        // The alert, or the broken pipe that a client meets which writes before it reads.
        assertThatThrownBy(() -> port.connect(TlsClients.of(expired, CA), protocol))
                .isInstanceOf(IOException.class)
                .message()
                .containsAnyOf("Received fatal alert", "Broken pipe", "Connection reset");
        await().untilAsserted(() -> assertThat(port.failures).containsExactly(TlsRejection.EXPIRED));
        assertThat(port.secured).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0300, 0x0301, 0x0302})
    void versionsOfTheLastCenturyGetTheirAlert(int version) throws Exception {
        port = new TlsPort(simple(SERVER));
        byte[] hello = ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName("api.example.com"))));
        hello[9] = (byte) (version >> 8);
        hello[10] = (byte) version;
        try (Socket socket = new Socket(port.address.getAddress(), port.address.getPort())) {
            socket.getOutputStream().write(hello);
            byte[] alert = socket.getInputStream().readAllBytes();
            assertThat(alert).hasSize(7).startsWith(21).endsWith(0, 2, 2, 70);
        }
    }

    @Test
    void aClientOfOtherProtocolsGetsItsAlert() throws Exception {
        port = new TlsPort(simple(SERVER));
        SSLContext client = TlsClients.of(null, CA);
        assertThatThrownBy(() -> {
                    try (SSLSocket socket = (SSLSocket)
                            client.getSocketFactory().createSocket(port.address.getAddress(), port.address.getPort())) {
                        SSLParameters parameters = socket.getSSLParameters();
                        parameters.setApplicationProtocols(new String[] {"spdy/3", "foo"});
                        socket.setSSLParameters(parameters);
                        socket.startHandshake();
                    }
                })
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("no_application_protocol");
        await().untilAsserted(() -> assertThat(port.failures).containsExactly(TlsRejection.HANDSHAKE_FAILED));
    }

    @Test
    void aClientCannotRenegotiate() throws Exception {
        port = new TlsPort(simple(SERVER));
        try (SSLSocket socket = port.connect(TlsClients.of(null, CA), "TLSv1.2")) {
            assertThatThrownBy(() -> {
                        socket.startHandshake();
                        TlsPort.exchange(socket);
                        TlsPort.exchange(socket);
                    })
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("Received fatal alert");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionIsResumedUntilTheClientsAuthorityIsRemoved(String protocol) throws Exception {
        port = new TlsPort(mutual(CLIENTS, CA));
        SSLContext client = TlsClients.of(CLIENTS.leaf("web").issue(), CA);
        long first = created(client, protocol);
        await().until(() -> System.currentTimeMillis() > first + 5);
        assertThat(created(client, protocol)).as("resumed").isEqualTo(first);

        port.context.set(mutual(CA));
        assertThatThrownBy(() -> created(client, protocol)).isInstanceOf(IOException.class);
        await().untilAsserted(() -> assertThat(port.failures).containsExactly(TlsRejection.UNTRUSTED));

        port.context.set(mutual(CLIENTS, CA));
        created(client, protocol);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionIsNotResumedOnceTheClientsCertificateHasExpired(String protocol) throws Exception {
        Instant end = Instant.now().plusSeconds(4).truncatedTo(ChronoUnit.SECONDS);
        port = new TlsPort(mutual(CLIENTS));
        SSLContext client = TlsClients.of(
                CLIENTS.leaf("web").valid(end.minusSeconds(60), end).issue(), CA);
        long first = created(client, protocol);
        assertThat(created(client, protocol)).as("resumed").isEqualTo(first);
        await().until(() -> Instant.now().isAfter(end.plusMillis(10)));
        assertThatThrownBy(() -> created(client, protocol)).isInstanceOf(IOException.class);
        await().untilAsserted(() -> assertThat(port.failures).containsExactly(TlsRejection.EXPIRED));
    }

    @Test
    void aHundredRotationsUnderLoadLoseNoHandshakeAndNoConnection() throws Exception {
        port = new TlsPort(simple(SERVER));
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger handshakes = new AtomicInteger();
        List<Exception> lost = java.util.Collections.synchronizedList(new ArrayList<>());
        Set<X509Certificate> seen = ConcurrentHashMap.newKeySet();
        List<Thread> clients = new ArrayList<>();
        try (SSLSocket kept = port.connect(TlsClients.of(null, CA), "TLSv1.3")) {
            for (int i = 0; i < 4; i++) {
                String protocol = i % 2 == 0 ? "TLSv1.3" : "TLSv1.2";
                SSLContext resuming = i < 2 ? TlsClients.of(null, CA) : null;
                clients.add(Thread.startVirtualThread(() -> {
                    while (!stop.get()) {
                        SSLContext client = resuming == null ? TlsClients.of(null, CA) : resuming;
                        try (SSLSocket socket = port.connect(client, protocol)) {
                            seen.add((X509Certificate) socket.getSession().getPeerCertificates()[0]);
                        } catch (Exception e) {
                            lost.add(e);
                        }
                        handshakes.incrementAndGet();
                    }
                }));
            }
            for (int rotation = 0; rotation < 100; rotation++) {
                int before = handshakes.get();
                port.context.set(simple(CA.leaf("api").dns("api.example.com").issue()));
                await().pollInterval(1, TimeUnit.MILLISECONDS).until(() -> handshakes.get() >= before + 4);
                TlsPort.exchange(kept);
            }
            stop.set(true);
            for (Thread client : clients) {
                client.join();
            }
        }
        assertThat(lost).isEmpty();
        assertThat(port.failures).isEmpty();
        assertThat(seen).hasSizeGreaterThan(50);
    }

    /// When the connection's session was made: the same again where it was resumed.
    private long created(SSLContext client, String protocol) throws IOException {
        try (SSLSocket socket = port.connect(client, protocol)) {
            return socket.getSession().getCreationTime();
        }
    }

    private static DownstreamTlsContext simple(Issued server) throws CredentialException {
        return DownstreamTlsContext.of(TlsSpecs.downstream(server.credential(), HTTP));
    }

    private static DownstreamTlsContext mutual(TestCertificates... authorities) throws CredentialException {
        List<X509Certificate> trusted = new ArrayList<>();
        for (TestCertificates authority : authorities) {
            trusted.add(authority.certificate());
        }
        Credential server = SERVER.credential();
        return DownstreamTlsContext.of(TlsSpecs.downstream(
                DownstreamTlsSpec.Mode.MUTUAL, server, new TrustBundle(trusted, List.of()), "", HTTP));
    }
}
