package io.sallyport.upstream;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.cluster.AlpnOffer;
import io.sallyport.cluster.ConnectFailure;
import io.sallyport.http.ClientConnection;
import io.sallyport.outcome.ProxyException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One connection of a pool, from the first attempt at it to its end. It receives the connection's events and
/// tells its pool.
final class PooledConnection implements ClientConnection.Owner, Dial.Listener {
    enum State {
        /// No request can be sent yet.
        CONNECTING,
        /// Takes requests, as many as it has room for.
        OPEN,
        /// Ends with its last stream.
        DRAINING,
        CLOSED
    }

    private final Pool pool;
    /// What it was made to speak.
    final AlpnOffer offer;
    private @Nullable Dial dial;

    State state = State.CONNECTING;

    private @Nullable ClientConnection connection;

    /// Place in the pool's list of connections with room.
    @Nullable
    PooledConnection newer;

    @Nullable
    PooledConnection older;

    boolean listed;
    /// The peer has said how many streams it allows, or ended one.
    private boolean hasSpoken;

    /// Place in the pool's list of all connections.
    int index;
    /// Requests that it was given out for.
    int requests;
    /// Its end when it has lasted long enough; null for none.
    private @Nullable ScheduledFuture<?> longest;

    /// When its last stream ended; only while it has none.
    long idleSince;

    PooledConnection(Pool pool, AlpnOffer offer) {
        this.pool = pool;
        this.offer = offer;
    }

    void dial(Dial newDial) {
        dial = newDial;
        newDial.start();
    }

    /// How many more requests it takes now. Until the peer has stated its limit, what others of the pool were told
    /// counts.
    int room() {
        ClientConnection current = connection;
        if (state != State.OPEN || current == null) {
            return 0;
        }
        int available = Math.min(current.availableStreams(), pool.mostStreams() - current.activeStreams());
        return hasSpoken ? available : Math.min(available, pool.streamsEach() - current.activeStreams());
    }

    /// Only once it is connected.
    ClientConnection connection() {
        return Objects.requireNonNull(connection, "not connected");
    }

    int streams() {
        return connection == null ? 0 : connection.activeStreams();
    }

    @Override
    public void onConnected(Channel channel, @Nullable String alpn) {
        connection = pool.speak(channel, alpn, this);
        if (!channel.isActive()) {
            onClosed(connection);
        } else if (state == State.CONNECTING
                && connection.availableStreams() > 0
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
            return; // It speaks up while it is being made; onConnected looks itself.
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
        longest = pool.schedule(this::drain);
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

    /// Takes no more requests; it closes now or with its last stream.
    void drain() {
        if (state == State.OPEN && connection != null) {
            state = State.DRAINING;
            pool.onDraining(this);
            connection.drain();
        }
    }

    /// Cuts it, streams and all.
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
