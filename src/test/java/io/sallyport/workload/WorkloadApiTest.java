package io.sallyport.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.sallyport.http.h2.KeepAlive;
import io.sallyport.identity.CredentialException;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestWorkloadApi;
import io.sallyport.upstream.LoopFixture;
import io.spiffe.workloadapi.grpc.Workload.X509SVID;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The client of the Workload API, against grpc-java.
class WorkloadApiTest {
    private static final String ID = "spiffe://example.org/gateway";
    private static final TestCertificates AUTHORITY = TestCertificates.authority("example.org");

    private final LoopFixture loop = LoopFixture.real(true);
    private final AtomicInteger changes = new AtomicInteger();
    private TestWorkloadApi server;
    private WorkloadApi api;

    @AfterEach
    void stop() {
        if (api != null) {
            api.close();
        }
        if (server != null) {
            server.close();
        }
        loop.close();
    }

    private static X509SVID svid(String id, String hint) {
        return TestWorkloadApi.svid(id, AUTHORITY.leaf("gateway").svid(id).issue(), hint);
    }

    private void connect(String address, String hint) {
        connect(address, hint, new KeepAlive(Duration.ofMinutes(6), Duration.ofSeconds(20)));
    }

    private void connect(String address, String hint, KeepAlive keepAlive) {
        Backoff soon = new Backoff(Duration.ofMillis(20), Duration.ofMillis(100), new SplittableRandom(1));
        api = new WorkloadApi(
                EndpointSocket.parse(address), hint, changes::incrementAndGet, Clock.systemUTC(), soon, keepAlive);
        api.start(loop.upstream, loop.clusters);
    }

    private void awaitId(String id) {
        await().ignoreExceptions().until(() -> api.read().id().toString().equals(id));
    }

    private void awaitNone(String because) {
        await().until(() -> api.isWithdrawn());
        assertThatThrownBy(api::read).isInstanceOf(CredentialException.class).hasMessageContaining(because);
    }

    @Test
    void anIdentityComesAndIsReplaced() throws Exception {
        server = TestWorkloadApi.start();
        Issued first = AUTHORITY.leaf("gateway").svid(ID).issue();
        server.serve(TestWorkloadApi.svid(ID, first, ""));
        connect(server.address(), null);

        assertThat(api.await(Duration.ofSeconds(10))).isTrue();
        assertThat(api.read().svid()).isEqualTo(first.credential());
        assertThat(api.isKnown()).isTrue();
        assertThat(api.state().connected()).isTrue();
        await().untilAtomic(changes, org.hamcrest.Matchers.is(1));
        String fingerprint = api.fingerprint();

        Issued second = AUTHORITY.leaf("gateway").svid(ID).issue();
        server.serve(TestWorkloadApi.svid(ID, second, ""));
        await().until(() -> api.read().svid().equals(second.credential()));
        await().untilAtomic(changes, org.hamcrest.Matchers.is(2));
        assertThat(api.fingerprint()).isNotEqualTo(fingerprint);
        assertThat(server.opened()).isEqualTo(1);
    }

    @Test
    void theSameAgainIsNoChange() {
        server = TestWorkloadApi.start();
        X509SVID same = svid(ID, "");
        server.serve(same);
        connect(server.address(), null);
        awaitId(ID);
        server.serve(same);
        server.serve(same);
        server.serve(svid("spiffe://example.org/other", ""));

        awaitId("spiffe://example.org/other");
        await().untilAtomic(changes, org.hamcrest.Matchers.is(2));
    }

    @Test
    void aUnixSocketServesIt(@TempDir Path directory) {
        Path socket = directory.resolve("agent.sock");
        server = TestWorkloadApi.start(socket);
        server.serve(svid(ID, ""));
        connect("unix://" + socket, null);

        awaitId(ID);
    }

    @Test
    void aStreamThatEndsIsOpenedAgainAtOnceAndKeepsTheIdentity() throws Exception {
        server = TestWorkloadApi.start();
        server.serve(svid(ID, ""));
        connect(server.address(), null);
        awaitId(ID);
        server.end(Status.UNAVAILABLE);

        await().until(() -> server.opened() == 2 && server.open() == 1);
        assertThat(api.read().id()).hasToString(ID);
        await().until(() -> api.state().connected() && api.state().failure() == null);
        assertThat(changes).hasValue(1);
    }

    @Test
    void anAgentThatIsNotThereYetIsAwaited(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("agent.sock");
        connect("unix://" + socket, null);
        await().until(() -> api.state().failure() != null);
        assertThat(api.isKnown()).isFalse();
        assertThat(api.isWithdrawn()).isFalse();
        assertThatThrownBy(api::read).hasMessageContaining("gives the gateway no SVID: UNAVAILABLE");

        server = TestWorkloadApi.start(socket);
        server.serve(svid(ID, ""));
        awaitId(ID);
    }

    @Test
    void whoeverIsNotEntitledAsksAgainLater() {
        server = TestWorkloadApi.start();
        server.refuse(Status.PERMISSION_DENIED.withDescription("no identity issued"));
        connect(server.address(), null);
        awaitNone("PERMISSION_DENIED: no identity issued");
        assertThat(api.isKnown()).isFalse();
        assertThat(changes).hasValue(0);

        server.serve(svid(ID, ""));
        awaitId(ID);
        assertThat(api.isWithdrawn()).isFalse();
    }

    @Test
    void whoeverIsNotEntitledAnyMoreHasNoIdentity() {
        server = TestWorkloadApi.start();
        server.serve(svid(ID, ""));
        connect(server.address(), null);
        awaitId(ID);
        server.refuse(Status.PERMISSION_DENIED);

        awaitNone("PERMISSION_DENIED");
        await().untilAtomic(changes, org.hamcrest.Matchers.is(2));
        assertThat(api.isKnown()).isTrue();
        server.serve(svid(ID, ""));
        awaitId(ID);
    }

    @Test
    void anSvidThatIsAbsentIsWithdrawn() {
        server = TestWorkloadApi.start();
        String internal = "spiffe://example.org/internal";
        server.serve(svid(ID, ""), svid(internal, "internal"));
        connect(server.address(), "internal");
        awaitId(internal);
        server.serve(svid(ID, ""));

        awaitNone("none of its SVIDs has the hint \"internal\"");
    }

    @Test
    void aMessageThatCannotBeUsedChangesNothing() throws Exception {
        server = TestWorkloadApi.start();
        server.serve(svid(ID, ""));
        connect(server.address(), null);
        awaitId(ID);
        String fingerprint = api.fingerprint();
        for (X509SVIDResponse broken : List.of(
                X509SVIDResponse.getDefaultInstance(),
                X509SVIDResponse.newBuilder()
                        .addSvids(svid(ID, "").toBuilder().clearX509SvidKey())
                        .build())) {
            server.serve(broken);
            await().until(() -> api.state().failure() != null);
            assertThat(api.read().id()).hasToString(ID);
            assertThat(api.fingerprint()).isEqualTo(fingerprint);
            server.serve(svid(ID, ""));
            await().until(() -> api.state().failure() == null);
            fingerprint = api.fingerprint();
        }
        assertThat(server.opened()).isEqualTo(1);
    }

    @Test
    void aMessageOverTheBoundEndsTheStreamAndNotTheIdentity() throws Exception {
        server = TestWorkloadApi.start();
        server.serve(svid(ID, ""));
        connect(server.address(), null);
        awaitId(ID);
        server.serve(svid(ID, "x".repeat(4 << 20)));

        await().until(() -> String.valueOf(api.state().failure()).startsWith("RESOURCE_EXHAUSTED"));
        assertThat(api.read().id()).hasToString(ID);
        server.serve(svid("spiffe://example.org/after", ""));
        awaitId("spiffe://example.org/after");
    }

    @Test
    void federatedBundlesThatAreAbsentAreDropped() throws Exception {
        server = TestWorkloadApi.start();
        X509SVID svid = svid(ID, "");
        TestCertificates other = TestCertificates.authority("other.example");
        server.serve(X509SVIDResponse.newBuilder()
                .addSvids(svid)
                .putFederatedBundles("spiffe://other.example", TestWorkloadApi.der(List.of(other.certificate())))
                .build());
        connect(server.address(), null);
        awaitId(ID);
        assertThat(api.read().trust().federated()).containsOnlyKeys("other.example");
        server.serve(svid);

        await().until(() -> api.read().trust().federated().isEmpty());
    }

    /// Its own trust domain goes on, and takes up what is new.
    @Test
    void aFederatedBundleThatBreaksServesOnAsItWas() throws Exception {
        server = TestWorkloadApi.start();
        TestCertificates other = TestCertificates.authority("other.example");
        server.serve(X509SVIDResponse.newBuilder()
                .addSvids(svid(ID, ""))
                .putFederatedBundles("spiffe://other.example", TestWorkloadApi.der(List.of(other.certificate())))
                .build());
        connect(server.address(), null);
        awaitId(ID);
        server.serve(X509SVIDResponse.newBuilder()
                .addSvids(svid("spiffe://example.org/next", ""))
                .putFederatedBundles("spiffe://other.example", ByteString.copyFromUtf8("garbage"))
                .build());

        awaitId("spiffe://example.org/next");
        assertThat(api.read().trust().federated().get("other.example").authorities())
                .containsExactly(other.certificate());
        assertThat(api.state().failure()).contains("the bundle of spiffe://other.example", "is broken");
    }

    /// Only the agent can withdraw an identity, by a status of gRPC's: a proxy or a web server in its place cannot.
    @Test
    void anHttpStatusWithdrawsNothing() throws Exception {
        server = TestWorkloadApi.start();
        server.serve(svid(ID, ""));
        try (Relay relay = new Relay(server.address());
                ServerSocket web = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            connect(relay.address(), null);
            awaitId(ID);
            Thread.ofVirtual().start(() -> forbid(web));
            relay.leadTo(web.getLocalPort());

            await().until(() -> String.valueOf(api.state().failure()).contains("HTTP status 403"));
            assertThat(api.isWithdrawn()).isFalse();
            assertThat(api.read().id()).hasToString(ID);
        }
    }

    private static final int PREFACE = 24;
    private static final int HEADERS = 1;

    /// Answers the first request of each connection of HTTP/2 with 403.
    private static void forbid(ServerSocket web) {
        try {
            while (true) {
                Socket client = web.accept();
                DataInputStream in = new DataInputStream(client.getInputStream());
                in.skipNBytes(PREFACE);
                client.getOutputStream().write(HexFormat.of().parseHex("000000040000000000"));
                int type;
                int stream;
                do {
                    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                    type = in.readUnsignedByte();
                    in.skipNBytes(1);
                    stream = in.readInt();
                    in.skipNBytes(length);
                } while (type != HEADERS);
                // HEADERS with END_STREAM and END_HEADERS: `:status: 403`.
                String answer = "0000050105" + HexFormat.of().toHexDigits(stream) + "0803343033";
                client.getOutputStream().write(HexFormat.of().parseHex(answer));
            }
        } catch (IOException over) {
            // The test has ended.
        }
    }

    /// No packet says that it is gone, as after a power cut.
    @Test
    void anAgentThatFallsSilentIsLeft() throws Exception {
        server = TestWorkloadApi.start();
        server.serve(svid(ID, ""));
        try (Relay relay = new Relay(server.address())) {
            connect(relay.address(), null, new KeepAlive(Duration.ofMillis(200), Duration.ofSeconds(1)));
            awaitId(ID);
            relay.fallSilent();
            server.serve(svid("spiffe://example.org/next", ""));

            awaitId("spiffe://example.org/next");
        }
    }

    /// Between the gateway and the agent.
    private static final class Relay implements AutoCloseable {
        private final ServerSocket accepts = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final List<Socket> open = new CopyOnWriteArrayList<>();
        private final Set<Socket> silent = ConcurrentHashMap.newKeySet();
        private volatile int port;

        Relay(String address) throws IOException {
            port = URI.create(address).getPort();
            Thread.ofVirtual().start(this::accept);
        }

        String address() {
            return "tcp://127.0.0.1:" + accepts.getLocalPort();
        }

        private void accept() {
            try {
                while (true) {
                    Socket client = accepts.accept();
                    Socket agent = new Socket(InetAddress.getLoopbackAddress(), port);
                    open.add(client);
                    open.add(agent);
                    Thread.ofVirtual().start(() -> pump(client, agent, client));
                    Thread.ofVirtual().start(() -> pump(agent, client, client));
                }
            } catch (IOException over) {
                // The test has ended.
            }
        }

        private void pump(Socket from, Socket to, Socket client) {
            byte[] bytes = new byte[8192];
            try {
                for (int read = from.getInputStream().read(bytes);
                        read >= 0;
                        read = from.getInputStream().read(bytes)) {
                    if (!silent.contains(client)) {
                        to.getOutputStream().write(bytes, 0, read);
                    }
                }
            } catch (IOException over) {
                // One of the two has left.
            }
        }

        /// Connections that are open lead nowhere; those that come do.
        void fallSilent() {
            silent.addAll(open);
        }

        /// Closes what is open; what comes leads there.
        void leadTo(int otherPort) throws IOException {
            port = otherPort;
            for (Socket socket : open) {
                socket.close();
            }
        }

        @Override
        public void close() throws IOException {
            accepts.close();
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void afterTheEndNothingIsAsked() {
        server = TestWorkloadApi.start();
        server.serve(svid(ID, ""));
        connect(server.address(), null);
        awaitId(ID);
        api.close();

        await().until(() -> server.open() == 0);
    }
}
