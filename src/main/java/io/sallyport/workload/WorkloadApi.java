package io.sallyport.workload;

import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.http.h2.KeepAlive;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Clock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The gateway's identity, as a SPIFFE Workload API streams it (`FetchX509SVID`). Each message is the whole truth: what
/// it does not hold is withdrawn. A message that cannot be used changes nothing, and is reported; a broken bundle of
/// another trust domain concerns that domain alone.
public final class WorkloadApi extends IdentityService {
    /// Of the faults of one message.
    private static final int FAULTS_SHOWN = 5;

    private final EndpointSocket socket;
    private final @Nullable String hint;
    private final Backoff backoff;
    private final KeepAlive keepAlive;
    private volatile @Nullable UpstreamLoop loop;
    /// Of the event loop.
    private @Nullable AgentStream stream;

    /// @param hint of the SVID to use; null for the first
    /// @param onChange called on a thread of this object's after [#read] has begun to return something else;
    ///     must not block
    public WorkloadApi(EndpointSocket socket, @Nullable String hint, Runnable onChange, Clock clock) {
        this(socket, hint, onChange, clock, Backoff.usual(), EndpointSocket.KEEP_ALIVE);
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

    /// Opens the stream.
    @Override
    public void start(UpstreamLoop upstream, ClusterRegistry.Maker clusters) {
        loop = upstream;
        upstream.eventLoop().execute(() -> {
            if (!closed) {
                Cluster agent = socket.cluster(clusters, keepAlive);
                stream = new AgentStream(upstream, agent, "FetchX509SVID", backoff, this::later, new Messages());
                stream.open();
            }
        });
    }

    @Override
    String remedy() {
        return "see that the agent runs and that this workload is registered";
    }

    /// On the reader's thread.
    private final class Messages implements AgentStream.Listener {
        @Override
        public void onMessage(byte[] message) {
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
                                    : found.faults().stream()
                                            .limit(FAULTS_SHOWN)
                                            .collect(Collectors.joining("; ")));
                }
            } catch (CredentialException unusable) {
                report(true, String.valueOf(unusable.getMessage()));
            }
        }

        @Override
        public void onEnd(GrpcResult result) {
            if (AgentStream.isRefusal(result)) {
                withdraw("it gives this workload none (" + result + ')', false);
            } else {
                report(false, result.isOk() ? "the stream has ended" : result.toString());
            }
        }
    }

    @Override
    public void close() {
        super.close();
        UpstreamLoop current = loop;
        if (current != null) {
            current.eventLoop().execute(() -> {
                if (stream != null) {
                    stream.close();
                }
            });
        }
    }
}
