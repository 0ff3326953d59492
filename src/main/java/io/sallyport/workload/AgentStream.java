package io.sallyport.workload;

import io.netty.util.AsciiString;
import io.sallyport.call.GrpcCall;
import io.sallyport.call.GrpcQuestion;
import io.sallyport.cluster.Cluster;
import io.sallyport.http.Headers;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The stream of one method of a Workload API, without parameters: opened, and opened again whenever it ends, at once
/// or after a pause. Belongs to one event loop.
final class AgentStream implements GrpcCall.Listener {
    /// Called by the reader.
    interface Listener {
        /// @param message the listener's from now on
        void onMessage(byte[] message);

        /// The stream has ended, and will be opened again.
        void onEnd(GrpcResult result);
    }

    /// Of what gRPC's own libraries take by default.
    private static final int MOST_BYTES = 4 << 20;

    private static final byte[] NO_PARAMETERS = {};

    /// Connections that end are made anew at once, but not more often than this.
    private static final long HURRY_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final UpstreamLoop loop;
    private final Cluster agent;
    private final String method;
    private final Backoff backoff;
    private final Executor reader;
    private final Listener listener;
    private @Nullable GrpcCall call;
    private @Nullable Long hurriedAt;
    /// The stream that is open has had a message.
    private boolean answered;

    private boolean closed;

    /// @param method `FetchX509SVID`
    /// @param reader calls the listener, in order: messages take time to read
    AgentStream(UpstreamLoop loop, Cluster agent, String method, Backoff backoff, Executor reader, Listener listener) {
        this.loop = loop;
        this.agent = agent;
        this.method = method;
        this.backoff = backoff;
        this.reader = reader;
        this.listener = listener;
    }

    /// A method of the Workload API with what every call of it must say (SPIFFE Workload Endpoint section 3).
    static GrpcQuestion question(String method) {
        Headers metadata = new Headers(1);
        metadata.add(AsciiString.of("workload.spiffe.io"), "true");
        return new GrpcQuestion("localhost", "/SpiffeWorkloadAPI/" + method, metadata);
    }

    /// The agent itself says that this workload is entitled to nothing. A proxy's 403 says nothing of that.
    static boolean isRefusal(GrpcResult result) {
        return result.said() && result.code() == GrpcResult.PERMISSION_DENIED;
    }

    void open() {
        if (closed) {
            return;
        }
        answered = false;
        call = new GrpcCall(loop, agent, question(method), Duration.ZERO, MOST_BYTES, this);
        call.send(NO_PARAMETERS);
        call.finish();
        call.start();
    }

    @Override
    public void onMessage(byte[] message) {
        answered = true;
        reader.execute(() -> listener.onMessage(message));
    }

    @Override
    public void onEnd(GrpcResult result) {
        if (closed) {
            return;
        }
        boolean hurries = answered && !isRefusal(result) && mayHurry();
        Duration pause = hurries ? Duration.ZERO : backoff.next();
        reader.execute(() -> listener.onEnd(result));
        loop.eventLoop().schedule(this::open, pause.toNanos(), TimeUnit.NANOSECONDS);
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

    void close() {
        closed = true;
        if (call != null) {
            call.cancel();
        }
    }
}
