package io.sallyport.workload;

import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.IdentitySource;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A service that gives the gateway its identity: holds the last one that it gave, and reports changes. Answers are
/// read one after the other on a thread of this object's own: parsing certificates and keys takes time.
public abstract sealed class IdentityService implements IdentitySource, AutoCloseable
        permits WorkloadApi, IstioAuthority {
    private static final Logger LOG = Logger.getLogger(IdentityService.class);

    /// What is known of the identity.
    ///
    /// @param identity null before the first answer, and once it is withdrawn
    /// @param withdrawn the service has said that the gateway has none, or not the one that it is to use
    /// @param revision counts the changes of the two
    /// @param connected the service has answered last
    /// @param receivedAt when the identity came; null where there is none
    /// @param failure what went wrong last, with the last answer that could be used or since; else null
    public record State(
            @Nullable WorkloadIdentity identity,
            boolean withdrawn,
            long revision,
            boolean connected,
            @Nullable Instant receivedAt,
            @Nullable String failure) {}

    private final String name;
    private final String service;
    private final Runnable onChange;
    final Clock clock;
    private final CountDownLatch first = new CountDownLatch(1);
    private final ExecutorService reader;
    private volatile State state = new State(null, false, 0, false, null, null);
    volatile boolean closed;

    /// @param name as of [IdentitySource#name]
    /// @param service and where it is, for messages
    /// @param onChange called on this object's thread after [#read] has begun to return something else; must not
    ///     block
    IdentityService(String name, String service, Runnable onChange, Clock clock) {
        this.name = name;
        this.service = service;
        this.onChange = onChange;
        this.clock = clock;
        reader = Executors.newSingleThreadExecutor(
                Thread.ofVirtual().name("sallyport-" + name).factory());
    }

    /// Any thread, once: begins to ask.
    ///
    /// @param upstream whose connections are used
    /// @param clusters makes the cluster that is asked
    public abstract void start(UpstreamLoop upstream, ClusterRegistry.Maker clusters);

    /// Waits for the first answer: an identity, or that there is none.
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

    /// What is asked and where: `the Workload API at unix:///run/agent.sock`.
    public String service() {
        return service;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public WorkloadIdentity read() throws CredentialException {
        State now = state;
        if (now.identity != null) {
            return now.identity;
        }
        throw new CredentialException(
                service,
                "gives the gateway no SVID: " + (now.failure == null ? "it has not answered yet" : now.failure),
                remedy());
    }

    /// What to do where there is no identity.
    abstract String remedy();

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

    /// Does something on this object's thread; nothing once it is closed.
    final void later(Runnable task) {
        try {
            reader.execute(() -> {
                if (!closed) {
                    task.run();
                }
            });
        } catch (RejectedExecutionException closing) {
            // Nobody asks for the identity any more.
        }
    }

    // On this object's thread.

    /// @param fault of what came with the identity, which is used nevertheless; null for none
    final void given(WorkloadIdentity identity, @Nullable String fault) {
        State before = state;
        boolean same = identity.equals(before.identity);
        long revision = same ? before.revision : before.revision + 1;
        state = new State(identity, false, revision, true, clock.instant(), fault);
        first.countDown();
        if (fault != null && !fault.equals(before.failure)) {
            LOG.warnf("%s: %s", service, fault);
        }
        if (!same) {
            LOG.infof(
                    "%s gives the identity %s, valid until %s",
                    service, identity.id(), identity.svid().end());
            onChange.run();
        }
    }

    /// What the gateway had is not its own any more.
    final void withdraw(String because, boolean connected) {
        State before = state;
        WorkloadIdentity had = before.identity;
        state = new State(null, true, had == null ? before.revision : before.revision + 1, connected, null, because);
        first.countDown();
        if (had != null) {
            LOG.errorf("%s has withdrawn the identity %s: %s", service, had.id(), because);
            onChange.run();
        } else if (!because.equals(before.failure)) {
            LOG.warnf("%s: %s", service, because);
        }
    }

    /// Something went wrong, and changes nothing.
    final void report(boolean connected, String failure) {
        State before = state;
        state = new State(before.identity, before.withdrawn, before.revision, connected, before.receivedAt, failure);
        if (!failure.equals(before.failure)) {
            String then = before.identity == null ? "" : "; the identity before it is used on";
            LOG.warnf("%s: %s%s", service, failure, then);
        }
    }

    /// Any thread.
    @Override
    public void close() {
        closed = true;
        reader.shutdownNow();
    }
}
