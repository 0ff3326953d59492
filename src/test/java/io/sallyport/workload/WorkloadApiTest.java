package io.sallyport.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.sallyport.identity.CredentialException;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestWorkloadApi;
import io.sallyport.upstream.LoopFixture;
import io.spiffe.workloadapi.grpc.Workload.X509SVID;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
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
        Backoff soon = new Backoff(Duration.ofMillis(20), Duration.ofMillis(100), new SplittableRandom(1));
        api = new WorkloadApi(EndpointSocket.parse(address), hint, changes::incrementAndGet, Clock.systemUTC(), soon);
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
