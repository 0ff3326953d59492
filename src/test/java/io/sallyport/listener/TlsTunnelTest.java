package io.sallyport.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsSpecs;
import io.sallyport.tls.DownstreamTlsContext;
import io.sallyport.tls.UpstreamTlsContext;
import io.sallyport.tunnel.Loopback;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Tunnels with TLS passing through, ending at, or beginning at the gateway.
@Timeout(30)
class TlsTunnelTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final TestCertificates CA = TestCertificates.authority("ca");
    private static final Issued DATABASE = CA.leaf("db").dns("db.example.com").issue();

    private final Loopback loopback = new Loopback(false);
    private final CompletableFuture<ResponseFlag> flag = new CompletableFuture<>();
    private final Consumer<Loopback.End> ended = end -> flag.complete(end.flag());

    @AfterEach
    void close() {
        loopback.close();
    }

    @Test
    void passedThroughTheClientMeetsTheEndpointsOwnCertificate() throws Exception {
        try (ServerSocket endpoint = tlsEndpoint()) {
            InetSocketAddress port = listen(new FilterChainTarget.Passthrough(
                    channel -> loopback.relay(channel, address(endpoint), HOUR, ended)));
            CompletableFuture<String> served = serve(endpoint);
            try (SSLSocket client = tlsClient(port)) {
                ask(client);
                assertThat(client.getSession().getPeerPrincipal()).hasToString("CN=db");
            }
            assertThat(served.get()).isEqualTo("question");
            assertThat(flag.get()).isNull();
        }
    }

    @Test
    void terminatedTheEndOfTheClientsStreamIsTheEndOfThePlainOne() throws Exception {
        DownstreamTlsContext context = DownstreamTlsContext.of(TlsSpecs.downstream(DATABASE.credential(), List.of()));
        try (ServerSocket endpoint = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            InetSocketAddress port = listen(new FilterChainTarget.Terminate(
                    context, (channel, _) -> loopback.relay(channel, address(endpoint), HOUR, ended)));
            CompletableFuture<String> served = serve(endpoint);
            try (SSLSocket client = tlsClient(port)) {
                ask(client);
            }
            assertThat(served.get()).isEqualTo("question");
            assertThat(flag.get()).isNull();
        }
    }

    @Test
    void originatedTheEndOfThePlainStreamIsTheEndOfTheTlsOne() throws Exception {
        UpstreamTlsContext context = UpstreamTlsContext.of(TlsSpecs.upstream(DATABASE.trust()));
        try (ServerSocket endpoint = tlsEndpoint()) {
            InetSocketAddress port = loopback.listen(channel ->
                    loopback.relay(channel, address(endpoint), HOUR, upstream -> tls(context, upstream), ended));
            CompletableFuture<String> served = serve(endpoint);
            try (Socket client = new Socket(port.getAddress(), port.getPort())) {
                ask(client);
            }
            assertThat(served.get()).isEqualTo("question");
            assertThat(flag.get()).isNull();
        }
    }

    private static Future<Channel> tls(UpstreamTlsContext context, Channel upstream) {
        upstream.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        SslHandler tls = context.newHandler(upstream.alloc(), "db.example.com", 5432, List.of());
        upstream.pipeline().addFirst(tls);
        return tls.handshakeFuture();
    }

    /// Says all there is to say, then waits for all of the answer.
    private static void ask(Socket client) throws IOException {
        client.getOutputStream().write("question".getBytes(StandardCharsets.US_ASCII));
        client.shutdownOutput();
        byte[] answer = client.getInputStream().readAllBytes();
        assertThat(answer).hasSize(1_000_000);
    }

    /// Reads to the end of the stream, then answers.
    private static CompletableFuture<String> serve(ServerSocket endpoint) {
        return CompletableFuture.supplyAsync(() -> {
            try (Socket connection = endpoint.accept()) {
                String question = new String(connection.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                connection.getOutputStream().write(new byte[1_000_000]);
                return question;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private InetSocketAddress listen(FilterChainTarget target) {
        return loopback.listen(channel -> channel.pipeline()
                .addLast(new ClientHelloRouter(
                        hello -> "db.example.com".equals(hello.serverName()) ? target : null,
                        Duration.ofSeconds(10),
                        HandshakeObserver.NONE)));
    }

    private static ServerSocket tlsEndpoint() throws IOException {
        return TlsClients.of(DATABASE, CA)
                .getServerSocketFactory()
                .createServerSocket(0, 8, InetAddress.getLoopbackAddress());
    }

    private static SSLSocket tlsClient(InetSocketAddress port) throws IOException {
        SSLSocket socket =
                (SSLSocket) TlsClients.of(null, CA).getSocketFactory().createSocket(port.getAddress(), port.getPort());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("db.example.com")));
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static InetSocketAddress address(ServerSocket endpoint) {
        return (InetSocketAddress) endpoint.getLocalSocketAddress();
    }
}
