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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// All bound ports. What a new generation adds is bound before the swap and opened after it; what it no longer has is
/// closed after the swap, and the connections that came in by it are drained. A port that cannot be bound is missing
/// until somebody tries again; everything else is served.
public final class ListenerSet implements ListenerApplier {
    private static final Duration POLL = Duration.ofMillis(10);

    private final Transport transport;
    private final List<DownstreamLoop> loops;
    private final BoundListener.Acceptor acceptor;
    private volatile Map<BindAddress, BoundListener> bound = Map.of();
    private volatile MissingListeners missing = MissingListeners.NONE;
    /// Closed ports whose connections are still open.
    private final List<BoundListener> leaving = new CopyOnWriteArrayList<>();

    public ListenerSet(
            Transport transport, List<DownstreamLoop> loops, ListenerSettings settings, HandshakeMetrics handshakes) {
        this.transport = transport;
        this.loops = List.copyOf(loops);
        HandshakeObserver failures = HandshakeObserver.counting(handshakes);
        this.acceptor = (listener, loop, channel) -> {
            if (missing.areMeantBy(channel.localAddress())) {
                channel.close();
            } else {
                ConnectionSetup.accept(listener, loop, channel, settings, failures);
            }
        };
    }

    @Override
    public Prepared prepare(Snapshot next, boolean whole) throws IOException {
        Step step = new Step(next);
        if (!step.failed.isEmpty() && (whole || step.wanted.isEmpty())) {
            step.discard();
            throw new IOException(String.join("\n", step.failed.values()));
        }
        return step;
    }

    /// Binds and opens what could not be bound before.
    ///
    /// @param current the generation that is served
    public void bindMissing(Snapshot current) {
        Step step = new Step(current);
        bound = Map.copyOf(step.wanted);
        missing = MissingListeners.of(step.failed);
        step.fresh.forEach(BoundListener::open);
    }

    /// The listeners of one generation: those that are bound already and, as far as that is possible, the others.
    private final class Step implements Prepared {
        private final Snapshot next;
        private final Map<BindAddress, BoundListener> wanted = new LinkedHashMap<>();
        private final List<BoundListener> fresh = new ArrayList<>();
        private final Map<BindAddress, String> failed = new LinkedHashMap<>();

        Step(Snapshot next) {
            this.next = next;
            try {
                next.listeners().values().forEach(this::add);
            } catch (RuntimeException failure) {
                discard();
                throw failure;
            }
        }

        private void add(ListenerSnapshot listener) {
            BindAddress address = listener.bind();
            BoundListener known = bound.get(address);
            if (known != null) {
                wanted.put(address, known);
                return;
            }
            boolean portIsOurs = Stream.concat(bound.keySet().stream(), wanted.keySet().stream())
                    .anyMatch(held -> held.port() == address.port());
            try {
                BoundListener added = BoundListener.bind(address, transport, loops, acceptor, portIsOurs);
                fresh.add(added);
                wanted.put(address, added);
            } catch (IOException failure) {
                failed.put(address, failure.getMessage() + remedy(listener, failure));
            }
        }

        private static String remedy(ListenerSnapshot listener, IOException failure) {
            if (!String.valueOf(failure.getMessage()).contains("in use")) {
                return "";
            }
            String setting = listener.isMesh() ? "sallyport.mesh.port" : "sallyport.port-map." + listener.port();
            return "; stop the process that has the port ('ss -ltnp' lists who listens), or bind another one: "
                    + setting + "=<port>";
        }

        @Override
        public void commit(Snapshot previous) {
            loops.forEach(DownstreamLoop::recheckTunnels);
            Map<BindAddress, BoundListener> before = bound;
            bound = Map.copyOf(wanted);
            missing = MissingListeners.of(failed);
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

    /// Why listeners of the generation that is served are not bound; empty where all are.
    public Map<BindAddress, String> unbound() {
        return missing.reasons();
    }

    /// Figures of one port since it was bound.
    ///
    /// @param sinceMillis when that was, milliseconds since 1970
    public record Status(
            BindAddress address,
            long sinceMillis,
            int activeConnections,
            long acceptedConnections,
            long shedConnections) {}

    public List<Status> status() {
        return bound.values().stream()
                .map(listener -> new Status(
                        listener.address(),
                        listener.sinceMillis,
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

    /// Closes the ports, so that nobody begins a request that the end of the process would cut, and drains what is
    /// open.
    ///
    /// @param grace longest wait
    /// @return connections that are left
    public int finish(Duration grace) {
        for (BoundListener listener : bound.values()) {
            listener.stopAccepting();
            listener.drain();
            listener.forEachConnection(OpenConnection::hurry);
        }
        return drain(grace, () -> false);
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
