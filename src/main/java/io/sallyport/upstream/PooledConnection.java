package io.sallyport.upstream;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ConnectFailure;
import io.sallyport.cluster.ConnectionLife;
import io.sallyport.cluster.Endpoint;
import io.sallyport.http.ClientConnection;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ProxyException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One connection of a pool, from the dial to the end: it dials, is open while it takes requests, drains once it
/// takes no more, and closes with its last stream. It handles the events of the dial and of the HTTP connection,
/// and reports to its pool what changes there.
final class PooledConnection implements ClientConnection.Owner, Dial.Listener {
    /// The pool. A connection reports [#onConnected] or [#onConnectFailed] once; after the first, [#onAvailable] any
    /// number of times, [#onDraining] at most once, and [#onClosed] once.
    interface Listener {
        /// It takes requests from now on.
        void onConnected(PooledConnection connection);

        /// It closed, or could not be made, before it took requests.
        void onConnectFailed(PooledConnection connection, ProxyException failure);

        /// A stream has ended, or the peer has changed how many it allows.
        void onAvailable(PooledConnection connection);

        /// It takes no more requests.
        void onDraining(PooledConnection connection);

        void onClosed(PooledConnection connection);
    }

    enum State {
        /// No request can be sent yet.
        CONNECTING,
        /// Takes requests, as many as it has room for.
        OPEN,
        /// Ends with its last stream.
        DRAINING,
        CLOSED
    }

    private final PoolLoop loop;
    private final ConnectionLife life;
    private final Listener pool;
    /// The version that the dial offers.
    final AlpnOffer offer;
    private @Nullable Dial dial;

    State state = State.CONNECTING;

    private @Nullable ClientConnection connection;
    private @Nullable EndpointFacts facts;

    /// Neighbours in the pool's [ReadyList].
    @Nullable
    PooledConnection newer;

    @Nullable
    PooledConnection older;

    boolean listed;
    /// The peer has stated how many streams it allows, or ended one.
    private boolean hasSpoken;

    /// Its place in the pool's list of all connections.
    int index;
    /// Requests that it was given out for.
    int requests;
    /// Drains it when it has lasted long enough; null for never.
    private @Nullable ScheduledFuture<?> longest;

    /// When its last stream ended; only while it has none.
    long idleSince;

    PooledConnection(PoolLoop loop, ConnectionLife life, AlpnOffer offer, Listener pool) {
        this.loop = loop;
        this.life = life;
        this.offer = offer;
        this.pool = pool;
    }

    /// Begins to connect. A failure may be reported before this returns.
    void dial(Cluster cluster, Endpoint endpoint, String host, @Nullable ProxyHeader header) {
        dial = new Dial(loop.bootstrap(), cluster, endpoint, host, offer.protocols(), header, null, false, this);
        dial.start();
    }

    /// How many more requests it takes now.
    ///
    /// @param assumed streams that it allows, as far as the pool knows; counts until the peer has stated its limit
    int room(int assumed) {
        ClientConnection current = connection;
        if (state != State.OPEN || current == null) {
            return 0;
        }
        int available = Math.min(current.availableStreams(), life.streams() - current.activeStreams());
        return hasSpoken ? available : Math.min(available, assumed - current.activeStreams());
    }

    /// @throws NullPointerException before it is connected
    ClientConnection connection() {
        return Objects.requireNonNull(connection, "not connected");
    }

    /// @param to the pool's endpoint
    EndpointFacts facts(Endpoint to) {
        if (facts == null) {
            facts = to.facts(connection().channel());
        }
        return facts;
    }

    int streams() {
        return connection == null ? 0 : connection.activeStreams();
    }

    @Override
    public void onConnected(Channel channel, @Nullable String alpn) {
        ClientConnection made =
                loop.connections().create(channel, offer.version(alpn), loop.limits(), life.keepAlive(), this);
        connection = made;
        if (!channel.isActive()) {
            onClosed(made);
        } else if (state == State.CONNECTING
                && made.availableStreams() > 0
                && (hasSpoken || offer != AlpnOffer.HTTP2_SWITCHING)) {
            open();
        }
    }

    @Override
    public void onFailed(ProxyException failure) {
        if (state == State.CONNECTING) {
            state = State.CLOSED;
            pool.onConnectFailed(this, failure);
        }
    }

    @Override
    public void onAvailable(ClientConnection from) {
        hasSpoken = true;
        if (connection == null) {
            return; // Reported while it is being made: onConnected checks for itself.
        }
        if (state == State.CONNECTING && from.availableStreams() > 0) {
            open();
        } else if (state == State.OPEN) {
            pool.onAvailable(this);
        }
    }

    private void open() {
        settle();
        state = State.OPEN;
        long nanos = life.longest().toNanos();
        longest = nanos == 0 ? null : loop.eventLoop().schedule(this::drain, nanos, TimeUnit.NANOSECONDS);
        pool.onConnected(this);
    }

    @Override
    public void onDraining(ClientConnection from) {
        if (state == State.CONNECTING) {
            from.close();
            onClosed(from);
        } else if (state == State.OPEN) {
            state = State.DRAINING;
            pool.onDraining(this);
        }
    }

    @Override
    public void onClosed(ClientConnection from) {
        State before = state;
        state = State.CLOSED;
        if (longest != null) {
            longest.cancel(false);
        }
        if (before == State.CONNECTING) {
            settle();
            pool.onConnectFailed(this, ConnectFailure.of(ConnectFailure.CLOSED, null));
        } else if (before != State.CLOSED) {
            pool.onClosed(this);
        }
    }

    /// Takes no more requests, and closes now or with its last stream.
    void drain() {
        if (state == State.OPEN && connection != null) {
            state = State.DRAINING;
            pool.onDraining(this);
            connection.drain();
        }
    }

    /// Closes it at once; its streams are reset.
    void cut() {
        if (dial != null) {
            dial.cancel();
        }
        if (connection != null) {
            connection.close();
        }
    }

    private void settle() {
        if (dial != null) {
            dial.settle();
            dial = null;
        }
    }
}
