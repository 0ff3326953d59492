package io.sallyport.workload;

import io.netty.util.AsciiString;
import io.sallyport.call.GrpcCall;
import io.sallyport.call.GrpcQuestion;
import io.sallyport.cluster.Cluster;
import io.sallyport.http.Headers;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.IdentitySource;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The gateway's identity, as a Workload API streams it (`FetchX509SVID`). Each message is the whole truth: what
/// it does not hold is withdrawn. A message that cannot be used changes nothing, and is reported.
///
/// The stream lives on one event loop; messages are read elsewhere, for certificates and keys take their time.
public final class WorkloadApi implements IdentitySource, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(WorkloadApi.class);

    private static final String FETCH = "/SpiffeWorkloadAPI/FetchX509SVID";

    /// Of what gRPC's own libraries take by default.
    private static final int MOST_BYTES = 4 << 20;

    private static final byte[] NO_PARAMETERS = {};

    /// Connections that end are made anew at once, but not more often than this.
    private static final long HURRY_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /// What is known of the identity.
    ///
    /// @param identity null before the first message, and once it is withdrawn
    /// @param withdrawn the API has said that the gateway has none, or not the one that it is to use
    /// @param revision counts the changes of the two
    /// @param connected a stream is open that has brought a message
    /// @param receivedAt when the identity came; null where there is none
    /// @param failure what went wrong last, since the last message that could be used; else null
    public record State(
            @Nullable WorkloadIdentity identity,
            boolean withdrawn,
            long revision,
            boolean connected,
            @Nullable Instant receivedAt,
            @Nullable String failure) {
        private State failed(boolean stillConnected, @Nullable String because) {
            return new State(identity, withdrawn, revision, stillConnected, receivedAt, because);
        }
    }

    private final EndpointSocket socket;
    private final @Nullable String hint;
    private final Runnable onChange;
    private final Clock clock;
    private final Backoff backoff;
    private final CountDownLatch first = new CountDownLatch(1);
    /// Reads messages in their order.
    private final ExecutorService reader = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("sallyport-workload-api").factory());

    private volatile State state = new State(null, false, 0, false, null, null);
    private volatile boolean closed;
    // Of the event loop.
    private @Nullable UpstreamLoop loop;
    private @Nullable Cluster cluster;
    private @Nullable GrpcCall call;
    private @Nullable Long hurriedAt;

    /// @param hint of the SVID to use; null for the first
    /// @param onChange called on a thread of this object's after [#read] has begun to return something else;
    ///     must not block
    public WorkloadApi(EndpointSocket socket, @Nullable String hint, Runnable onChange, Clock clock) {
        this(socket, hint, onChange, clock, new Backoff(FIRST_PAUSE, LONGEST_PAUSE, new SplittableRandom()));
    }

    WorkloadApi(EndpointSocket socket, @Nullable String hint, Runnable onChange, Clock clock, Backoff backoff) {
        this.socket = socket;
        this.hint = hint;
        this.onChange = onChange;
        this.clock = clock;
        this.backoff = backoff;
    }

    /// Any thread, once: opens the stream, and opens it again whenever it ends.
    public void start(UpstreamLoop upstream) {
        upstream.eventLoop().execute(() -> {
            loop = upstream;
            cluster = socket.cluster();
            open();
        });
    }

    /// Waits for the first message that can be used, or the first word that there is no identity.
    ///
    /// @return false where neither has come in time
    public boolean await(Duration longest) throws InterruptedException {
        return first.await(longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Whether there has been an identity, be it withdrawn by now.
    public boolean isKnown() {
        return state.revision > 0;
    }

    public State state() {
        return state;
    }

    public EndpointSocket socket() {
        return socket;
    }

    @Override
    public String name() {
        return "workload-api";
    }

    @Override
    public WorkloadIdentity read() throws CredentialException {
        State now = state;
        if (now.identity != null) {
            return now.identity;
        }
        String problem = now.failure == null ? "it has not answered yet" : now.failure;
        throw new CredentialException(
                "the Workload API at " + socket,
                "gives the gateway no SVID: " + problem,
                "see that the agent runs and that this workload is registered");
    }

    @Override
    public String fingerprint() {
        return Long.toString(state.revision);
    }

    @Override
    public boolean isProvided() {
        return true;
    }

    @Override
    public boolean isWithdrawn() {
        return state.withdrawn;
    }

    // On the event loop.

    private void open() {
        if (closed || loop == null || cluster == null) {
            return;
        }
        Headers metadata = new Headers(1);
        metadata.add(AsciiString.of("workload.spiffe.io"), "true");
        GrpcQuestion question = new GrpcQuestion("localhost", FETCH, metadata);
        call = new GrpcCall(loop, cluster, question, Duration.ZERO, MOST_BYTES, new Stream());
        call.send(NO_PARAMETERS);
        call.finish();
        call.start();
    }

    /// One stream of messages.
    private final class Stream implements GrpcCall.Listener {
        private boolean brought;

        @Override
        public void onMessage(byte[] message) {
            brought = true;
            later(() -> received(message));
        }

        @Override
        public void onEnd(GrpcResult result) {
            if (closed || loop == null) {
                return;
            }
            boolean hurries = brought && result.code() != GrpcResult.PERMISSION_DENIED && mayHurry();
            Duration pause = hurries ? Duration.ZERO : backoff.next();
            later(() -> ended(result));
            loop.eventLoop().schedule(WorkloadApi.this::open, pause.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /// A stream that has worked is opened again at once: the agent has most likely been restarted. But one that ends
    /// after each message must not keep two processes busy.
    private boolean mayHurry() {
        long now = System.nanoTime();
        Long last = hurriedAt;
        if (last != null && now - last < HURRY_NANOS) {
            return false;
        }
        hurriedAt = now;
        backoff.reset();
        return true;
    }

    private void later(Runnable task) {
        try {
            reader.execute(task);
        } catch (RejectedExecutionException closing) {
            // Nobody asks for the identity any more.
        }
    }

    // On the reader's thread.

    private void received(byte[] message) {
        if (closed) {
            return;
        }
        State before = state;
        try {
            X509Answer answer = X509Answer.decode(message);
            X509Answer.Svid svid = answer.choose(hint);
            if (svid == null) {
                withdraw("none of its SVIDs has the hint \"" + hint + '"', true);
                return;
            }
            WorkloadIdentity identity = answer.identity(svid, clock.instant());
            boolean same = identity.equals(before.identity);
            long revision = same ? before.revision : before.revision + 1;
            state = new State(identity, false, revision, true, clock.instant(), null);
            first.countDown();
            if (!same) {
                LOG.infof(
                        "the Workload API gives the identity %s, valid until %s",
                        identity.id(), identity.svid().end());
                onChange.run();
            }
        } catch (CredentialException unusable) {
            report(true, unusable.getMessage());
        }
    }

    private void ended(GrpcResult result) {
        if (closed) {
            return;
        }
        if (result.code() == GrpcResult.PERMISSION_DENIED) {
            withdraw("it gives this workload none (" + result + ')', false);
        } else {
            report(false, result.isOk() ? "the stream has ended" : result.toString());
        }
    }

    /// What the gateway had is not its own any more.
    private void withdraw(String because, boolean connected) {
        State before = state;
        WorkloadIdentity had = before.identity;
        state = new State(null, true, had == null ? before.revision : before.revision + 1, connected, null, because);
        first.countDown();
        if (had != null) {
            LOG.errorf("the Workload API has withdrawn the identity %s: %s", had.id(), because);
            onChange.run();
        } else if (!because.equals(before.failure)) {
            LOG.warnf("the Workload API at %s: %s", socket, because);
        }
    }

    private void report(boolean connected, @Nullable String failure) {
        State before = state;
        state = before.failed(connected, failure);
        if (failure != null && !failure.equals(before.failure)) {
            LOG.warnf(
                    "the Workload API at %s: %s%s",
                    socket, failure, before.identity == null ? "" : "; the identity before it is used on");
        }
    }

    /// Any thread.
    @Override
    public void close() {
        closed = true;
        reader.shutdownNow();
        UpstreamLoop current = loop;
        if (current != null) {
            current.eventLoop().execute(() -> {
                if (call != null) {
                    call.cancel();
                }
            });
        }
    }
}
