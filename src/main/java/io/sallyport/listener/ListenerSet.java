package io.sallyport.listener;

import io.sallyport.reload.ListenerApplier;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.telemetry.HandshakeMetrics;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// All bound ports. What a new generation adds is bound before the swap and opened after it; what it no longer has is
/// closed after the swap, and the connections that came in by it are drained.
public final class ListenerSet implements ListenerApplier {
    private static final Duration POLL = Duration.ofMillis(10);

    private final Transport transport;
    private final List<DownstreamLoop> loops;
    private final BoundListener.Acceptor acceptor;
    private volatile Map<BindAddress, BoundListener> bound = Map.of();
    /// Closed ports whose connections are still open.
    private final List<BoundListener> leaving = new CopyOnWriteArrayList<>();

    public ListenerSet(
            Transport transport, List<DownstreamLoop> loops, ListenerSettings settings, HandshakeMetrics handshakes) {
        this.transport = transport;
        this.loops = List.copyOf(loops);
        HandshakeObserver failures = HandshakeObserver.counting(handshakes);
        this.acceptor =
                (listener, loop, channel) -> ConnectionSetup.accept(listener, loop, channel, settings, failures);
    }

    @Override
    public Prepared prepare(Snapshot next) throws IOException {
        Map<BindAddress, BoundListener> wanted = new LinkedHashMap<>();
        List<BoundListener> fresh = new ArrayList<>();
        try {
            for (BindAddress address : next.listeners().keySet()) {
                BoundListener listener = bound.get(address);
                if (listener == null) {
                    boolean portIsOurs = bound.keySet().stream().anyMatch(held -> held.port() == address.port());
                    listener = BoundListener.bind(address, transport, loops, acceptor, portIsOurs);
                    fresh.add(listener);
                }
                wanted.put(address, listener);
            }
        } catch (IOException | RuntimeException failure) {
            fresh.forEach(BoundListener::stopAccepting);
            throw failure;
        }
        return new Step(next, wanted, fresh);
    }

    private final class Step implements Prepared {
        private final Snapshot next;
        private final Map<BindAddress, BoundListener> wanted;
        private final List<BoundListener> fresh;

        Step(Snapshot next, Map<BindAddress, BoundListener> wanted, List<BoundListener> fresh) {
            this.next = next;
            this.wanted = wanted;
            this.fresh = fresh;
        }

        @Override
        public void commit(Snapshot previous) {
            loops.forEach(DownstreamLoop::recheckTunnels);
            Map<BindAddress, BoundListener> before = bound;
            bound = Map.copyOf(wanted);
            leaving.removeIf(listener -> listener.activeConnections() == 0);
            fresh.forEach(BoundListener::open);
            before.forEach((address, listener) -> {
                ListenerSnapshot now = next.listeners().get(address);
                if (now == null) {
                    listener.stopAccepting();
                    listener.drain();
                    leaving.add(listener);
                } else {
                    drainChanged(listener, previous.listeners().get(address), now);
                }
            });
        }

        @Override
        public void discard() {
            fresh.forEach(BoundListener::stopAccepting);
        }
    }

    /// Connections whose chain is gone, or now asks other things of a client than it did when they came in, are
    /// drained; so are those whose own client nobody vouches for any more. Other changes of certificates and
    /// authorities are no reason: they go on.
    private static void drainChanged(BoundListener listener, @Nullable ListenerSnapshot before, ListenerSnapshot now) {
        if (before == null) {
            return;
        }
        for (FilterChain chain : before.chains().values()) {
            FilterChain successor = now.chains().get(chain.name());
            FilterChain likewise = successor == null || !chain.admitsLike(successor) ? null : successor;
            if (likewise == null || likewise.context() != chain.context()) {
                listener.forEachConnection(connection -> {
                    if (chain.name().equals(connection.chain())
                            && (likewise == null || !connection.isTrustedBy(likewise))) {
                        connection.drain();
                    }
                });
            }
        }
    }

    /// Where the ports are really bound, by what the configuration asks for.
    public Map<BindAddress, InetSocketAddress> addresses() {
        Map<BindAddress, InetSocketAddress> addresses = new LinkedHashMap<>();
        bound.forEach((address, listener) -> addresses.put(address, listener.localAddress()));
        return addresses;
    }

    /// Figures of one port since it was bound.
    public record Status(BindAddress address, int activeConnections, long acceptedConnections, long shedConnections) {}

    public List<Status> status() {
        return bound.values().stream()
                .map(listener -> new Status(
                        listener.address(),
                        listener.activeConnections(),
                        listener.acceptedTotal(),
                        listener.shedTotal()))
                .toList();
    }

    /// Asks every connection to end after its requests in flight, and waits for that. The ports still accept: whoever
    /// sends connections here learns from readiness, and late, that it should stop; each new one is drained as
    /// well.
    ///
    /// @param grace longest wait
    /// @param undone whether the wait is to end at once
    /// @return connections that are left
    public int drain(Duration grace, BooleanSupplier undone) {
        List<BoundListener> all = new ArrayList<>(bound.values());
        all.addAll(leaving);
        long end = System.nanoTime() + grace.toNanos();
        do {
            all.forEach(BoundListener::drain);
            LockSupport.parkNanos(POLL.toNanos());
        } while (open(all) > 0 && System.nanoTime() < end && !undone.getAsBoolean());
        return open(all);
    }

    /// Takes a drain back: connections stay, new ones and those that have not been told to end. Not to be called while
    /// a drain waits.
    public void resume() {
        bound.values().forEach(BoundListener::resume);
    }

    /// Closes the ports and cuts what is open.
    public void close() {
        List<BoundListener> all = new ArrayList<>(bound.values());
        all.addAll(leaving);
        all.forEach(BoundListener::stopAccepting);
        all.forEach(listener -> listener.forEachConnection(OpenConnection::close));
    }

    private static int open(List<BoundListener> listeners) {
        return listeners.stream().mapToInt(BoundListener::activeConnections).sum();
    }
}
