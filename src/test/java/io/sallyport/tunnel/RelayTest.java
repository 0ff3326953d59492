package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.ResponseFlag;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// Over real sockets, with either transport: half-close and reset are the kernel's.
@ParameterizedClass
@ValueSource(booleans = {true, false})
@Timeout(30)
class RelayTest {
    private final Loopback loopback;
    private final CompletableFuture<Loopback.End> ended = new CompletableFuture<>();
    private ServerSocket endpoint;
    private Duration idle = Duration.ofHours(1);

    RelayTest(boolean epoll) {
        loopback = new Loopback(epoll);
    }

    @BeforeEach
    void open() throws IOException {
        endpoint = new ServerSocket();
        endpoint.setReceiveBufferSize(64 * 1024);
        endpoint.bind(new InetSocketAddress("127.0.0.1", 0));
    }

    @AfterEach
    void close() throws IOException {
        endpoint.close();
        loopback.close();
    }

    private Socket client() throws IOException {
        InetSocketAddress to = (InetSocketAddress) endpoint.getLocalSocketAddress();
        InetSocketAddress address = loopback.listen(channel -> loopback.relay(channel, to, idle, ended::complete));
        Socket client = new Socket();
        client.setReceiveBufferSize(64 * 1024);
        client.connect(address);
        return client;
    }

    @Test
    void carriesBytesBothWaysAndCountsThem() throws Exception {
        byte[] question = new byte[3_000_000];
        byte[] answer = new byte[5_000_000];
        new Random(1).nextBytes(question);
        new Random(2).nextBytes(answer);
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            Thread writer = write(client.getOutputStream(), question);
            Thread answering = write(server.getOutputStream(), answer);
            CompletableFuture<byte[]> asked = read(server, question.length);
            assertThat(client.getInputStream().readNBytes(answer.length)).isEqualTo(answer);
            assertThat(asked.get()).isEqualTo(question);
            writer.join();
            answering.join();
        }
        assertThat(ended.get()).isEqualTo(new Loopback.End(question.length, answer.length, null, "tunnel_completed"));
    }

    /// Small and large ones by turns: some are copied, some are moved, and each waits for those before it.
    @RepeatedTest(3)
    void piecesOfAllSizesKeepTheirOrder(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        byte[] answer = new byte[6_000_000];
        random.nextBytes(answer);
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            Thread writer = Thread.startVirtualThread(() -> {
                try {
                    for (int at = 0; at < answer.length; ) {
                        int piece = Math.min(1 << random.nextInt(19), answer.length - at);
                        server.getOutputStream().write(answer, at, piece);
                        at += piece;
                    }
                    server.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            byte[] got = new byte[answer.length];
            Random pace = new Random(repetition.getCurrentRepetition());
            for (int at = 0; at < got.length; ) {
                int read = client.getInputStream().read(got, at, Math.min(1 << pace.nextInt(20), got.length - at));
                assertThat(read).isPositive();
                at += read;
            }
            assertThat(got).isEqualTo(answer);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            writer.join();
        }
        assertThat(ended.get()).isEqualTo(new Loopback.End(0, answer.length, null, "tunnel_completed"));
    }

    @Test
    void aResetByTheEndpointAmidManyBytesReachesTheClientAsOne() throws Exception {
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            server.setSoLinger(true, 0);
            Thread.startVirtualThread(() -> endless(server, new AtomicLong()));
            client.getInputStream().skipNBytes(20_000_000);
            server.close();
            assertThatThrownBy(() -> client.getInputStream().skip(Long.MAX_VALUE))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(ended.get())
                .returns(ResponseFlag.UC, Loopback.End::flag)
                .returns("upstream_reset", Loopback.End::details);
    }

    @Test
    void aResetByTheClientAmidManyBytesEndsTheEndpointsConnection() throws Exception {
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            Thread writer = Thread.startVirtualThread(() -> endless(server, new AtomicLong()));
            client.getInputStream().skipNBytes(20_000_000);
            client.setSoLinger(true, 0);
            client.close();
            writer.join();
        }
        assertThat(ended.get())
                .returns(ResponseFlag.DC, Loopback.End::flag)
                .returns("downstream_reset", Loopback.End::details);
    }

    @Test
    void aClientThatIsDoneStillGetsItsAnswer() throws Exception {
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            client.getOutputStream().write(ascii("question"));
            client.shutdownOutput();
            assertThat(server.getInputStream().readAllBytes()).isEqualTo(ascii("question"));
            server.getOutputStream().write(ascii("answer"));
            assertThat(client.getInputStream().readNBytes(6)).isEqualTo(ascii("answer"));
            assertThat(ended).isNotDone();
            server.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(ended.get()).isEqualTo(new Loopback.End(8, 6, null, "tunnel_completed"));
    }

    @Test
    void anEndpointThatIsDoneStillHearsTheClient() throws Exception {
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            server.getOutputStream().write(ascii("hello"));
            server.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(ascii("hello"));
            client.getOutputStream().write(ascii("bye"));
            assertThat(server.getInputStream().readNBytes(3)).isEqualTo(ascii("bye"));
            assertThat(ended).isNotDone();
            client.close();
            assertThat(server.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(ended.get()).isEqualTo(new Loopback.End(3, 5, null, "tunnel_completed"));
    }

    @Test
    void aResetByTheClientReachesTheEndpointAsOne() throws Exception {
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            client.getOutputStream().write(ascii("x"));
            assertThat(server.getInputStream().read()).isEqualTo('x');
            client.setSoLinger(true, 0);
            client.close();
            assertThatThrownBy(() -> server.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(ended.get()).isEqualTo(new Loopback.End(1, 0, ResponseFlag.DC, "downstream_reset"));
    }

    @Test
    void aResetByTheEndpointReachesTheClientAsOne() throws Exception {
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            server.getOutputStream().write(ascii("x"));
            assertThat(client.getInputStream().read()).isEqualTo('x');
            server.setSoLinger(true, 0);
            server.close();
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(ended.get()).isEqualTo(new Loopback.End(0, 1, ResponseFlag.UC, "upstream_reset"));
    }

    @Test
    void anEndpointThatDoesNotReadHoldsTheClientBackAndNotOurMemory() throws Exception {
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            AtomicLong written = new AtomicLong();
            Thread.startVirtualThread(() -> endless(client, written));
            long held = settled(written);
            // The kernel's buffers of four sockets and the tunnel's high water mark: far below what is offered.
            assertThat(held).isLessThan(32L << 20);
            assertThat(server.getInputStream().skip(held)).isEqualTo(held);
            await().until(() -> written.get() > held);
        }
    }

    @Test
    void aClientThatDoesNotReadHoldsTheEndpointBackAndNotOurMemory() throws Exception {
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            AtomicLong written = new AtomicLong();
            Thread.startVirtualThread(() -> endless(server, written));
            long held = settled(written);
            assertThat(held).isLessThan(32L << 20);
            assertThat(client.getInputStream().skip(held)).isEqualTo(held);
            await().until(() -> written.get() > held);
        }
    }

    @Test
    void anEndpointThatRefusesEndsTheClientsConnection() throws Exception {
        endpoint.close();
        try (Socket client = client()) {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(ended.get()).isEqualTo(new Loopback.End(0, 0, ResponseFlag.UF, "upstream_connect_failed"));
    }

    @Test
    void aQuietTunnelIsClosedOnBothSides() throws Exception {
        idle = Duration.ofMillis(400);
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            client.getOutputStream().write(ascii("x"));
            assertThat(server.getInputStream().read()).isEqualTo('x');
            assertThat(server.getInputStream().read()).isEqualTo(-1);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(ended.get()).isEqualTo(new Loopback.End(1, 0, ResponseFlag.SI, "tcp_idle_timeout"));
    }

    @Test
    void aTunnelInUseIsNotQuiet() throws Exception {
        idle = Duration.ofSeconds(1);
        try (Socket client = client();
                Socket server = endpoint.accept()) {
            for (long start = System.nanoTime(); System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2); ) {
                server.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
            }
            assertThat(ended).isNotDone();
        }
    }

    private static long settled(AtomicLong written) {
        long[] last = {-1};
        await().pollInterval(Duration.ofMillis(200)).until(() -> {
            long before = last[0];
            last[0] = written.get();
            return before == last[0] && before > 0;
        });
        return last[0];
    }

    private static void endless(Socket socket, AtomicLong written) {
        byte[] chunk = new byte[16 * 1024];
        try {
            for (int i = 0; i < 1 << 16; i++) {
                socket.getOutputStream().write(chunk);
                written.addAndGet(chunk.length);
            }
        } catch (IOException _) {
            // The test is over.
        }
    }

    private static Thread write(OutputStream out, byte[] bytes) {
        return Thread.startVirtualThread(() -> {
            try {
                out.write(bytes);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static CompletableFuture<byte[]> read(Socket socket, int length) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return socket.getInputStream().readNBytes(length);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
