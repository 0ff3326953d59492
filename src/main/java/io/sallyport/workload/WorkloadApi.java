package io.sallyport.workload;

import io.netty.util.AsciiString;
import io.sallyport.call.GrpcCall;
import io.sallyport.call.GrpcQuestion;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.http.Headers;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.http.h2.KeepAlive;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The gateway's identity, as a SPIFFE Workload API streams it (`FetchX509SVID`). Each message is the whole truth: what
/// it does not hold is withdrawn. A message that cannot be used changes nothing, and is reported; a broken bundle of
/// another trust domain concerns that domain alone.
public final class WorkloadApi extends IdentityService {
    private static final String FETCH = "/SpiffeWorkloadAPI/FetchX509SVID";

    /// Of what gRPC's own libraries take by default.
    private static final int MOST_BYTES = 4 << 20;

    /// Of the faults of one message.
    private static final int FAULTS_SHOWN = 5;

    /// gRPC's servers put up with a ping in five minutes and close the connection for more of them.
    private static final KeepAlive KEEP_ALIVE = new KeepAlive(Duration.ofMinutes(6), Duration.ofSeconds(20));

    private static final byte[] NO_PARAMETERS = {};

    /// Connections that end are made anew at once, but not more often than this.
    private static final long HURRY_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final EndpointSocket socket;
    private final @Nullable String hint;
    private final Backoff backoff;
    private final KeepAlive keepAlive;
    private volatile @Nullable UpstreamLoop loop;
    // Of the event loop.
    private @Nullable Cluster cluster;
    private @Nullable GrpcCall call;
    private @Nullable Long hurriedAt;

    /// @param hint of the SVID to use; null for the first
    /// @param onChange called on a thread of this object's after [#read] has begun to return something else;
    ///     must not block
    public WorkloadApi(EndpointSocket socket, @Nullable String hint, Runnable onChange, Clock clock) {
        this(socket, hint, onChange, clock, Backoff.usual(), KEEP_ALIVE);
    }

    WorkloadApi(
            EndpointSocket socket,
            @Nullable String hint,
            Runnable onChange,
            Clock clock,
            Backoff backoff,
            KeepAlive keepAlive) {
        super("workload-api", "the Workload API at " + socket, onChange, clock);
        this.socket = socket;
        this.hint = hint;
        this.backoff = backoff;
        this.keepAlive = keepAlive;
    }

    /// Opens the stream, and opens it again whenever it ends.
    @Override
    public void start(UpstreamLoop upstream, ClusterRegistry.Maker clusters) {
        loop = upstream;
        upstream.eventLoop().execute(() -> {
            try {
                cluster = clusters.create(socket.spec(keepAlive), null);
                open();
            } catch (CredentialException impossible) {
                throw new IllegalStateException("there is no TLS", impossible);
            }
        });
    }

    @Override
    String remedy() {
        return "see that the agent runs and that this workload is registered";
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
            boolean hurries = brought && !isRefusal(result) && mayHurry();
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

    // On the reader's thread.

    private void received(byte[] message) {
        try {
            X509Answer answer = X509Answer.decode(message);
            X509Answer.Svid svid = answer.choose(hint);
            if (svid == null) {
                withdraw("none of its SVIDs has the hint \"" + hint + '"', true);
            } else {
                WorkloadIdentity before = state().identity();
                X509Answer.Entitlement found =
                        answer.identity(svid, before == null ? null : before.trust(), clock.instant());
                given(
                        found.identity(),
                        found.faults().isEmpty()
                                ? null
                                : found.faults().stream().limit(FAULTS_SHOWN).collect(Collectors.joining("; ")));
            }
        } catch (CredentialException unusable) {
            report(true, String.valueOf(unusable.getMessage()));
        }
    }

    /// The agent itself says that this workload has no identity. A proxy's 403 says nothing of that.
    private static boolean isRefusal(GrpcResult result) {
        return result.said() && result.code() == GrpcResult.PERMISSION_DENIED;
    }

    private void ended(GrpcResult result) {
        if (isRefusal(result)) {
            withdraw("it gives this workload none (" + result + ')', false);
        } else {
            report(false, result.isOk() ? "the stream has ended" : result.toString());
        }
    }

    @Override
    public void close() {
        super.close();
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
