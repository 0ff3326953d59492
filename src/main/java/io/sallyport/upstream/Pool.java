package io.sallyport.upstream;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.HttpVersion;
import io.sallyport.telemetry.ProxyException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The connections of one event loop to one endpoint that are alike: same cluster, same protocol, same server name.
///
/// What holds between calls: while a connection has room, nobody waits; and never more connections are being made than
/// the waiting need. HTTP/1.1 and HTTP/2 differ only in how much room a connection has.
final class Pool {
    /// Streams that a new HTTP/2 connection is trusted to allow before it has said (RFC 9113, 6.5.2 recommends no
    /// less).
    private static final int ASSUMED_STREAMS = 100;

    private final UpstreamLoop loop;
    private final Cluster cluster;
    private final Endpoint endpoint;
    private final String host;
    private final AlpnOffer offer;
    private final WaitingRoom waiting = new WaitingRoom();
    private final ReadyList ready = new ReadyList();
    private final List<PooledConnection> all = new ArrayList<>();
    private final long idleNanos;
    private final int mostRequests;
    private int connecting;
    private int streamsEach;
    private boolean retired;
    private @Nullable ScheduledFuture<?> sweep;

    Pool(UpstreamLoop loop, Cluster cluster, Endpoint endpoint, String host, AlpnOffer offer) {
        this.loop = loop;
        this.cluster = cluster;
        this.endpoint = endpoint;
        this.host = host;
        this.offer = offer;
        idleNanos = cluster.spec().idleTimeout().toNanos();
        mostRequests = cluster.spec().maxRequestsPerConnection();
        streamsEach = offer == AlpnOffer.HTTP1 ? 1 : bounded(ASSUMED_STREAMS);
    }

    /// At least one, for a peer that allows none now may allow some on its next connection.
    private int bounded(int streams) {
        return Math.max(1, mostRequests > 0 ? Math.min(mostRequests, streams) : streams);
    }

    /// The streams that a connection allows, as far as it is known.
    int streamsEach() {
        return streamsEach;
    }

    void acquire(Acquisition acquisition) {
        PooledConnection pooled = newestWithRoom();
        if (pooled != null) {
            give(pooled, acquisition);
            offerRoom(pooled);
        } else {
            acquisition.endpoint = endpoint;
            waiting.add(acquisition);
            connectForWaiting();
        }
    }

    /// A peer may take back room that it has offered (SETTINGS), and does not announce that.
    private @Nullable PooledConnection newestWithRoom() {
        PooledConnection pooled = ready.newest();
        while (pooled != null && pooled.room() <= 0) {
            ready.remove(pooled);
            pooled = ready.newest();
        }
        return pooled;
    }

    /// Hands a connection with room to a request, which opens its stream before this returns, or does without.
    private void give(PooledConnection pooled, Acquisition acquisition) {
        ClientConnection connection = pooled.connection();
        boolean reused = pooled.requests++ > 0;
        boolean last = mostRequests > 0 && pooled.requests >= mostRequests;
        if (last || pooled.room() == 1) {
            // Out of the list before the call: what it leads to must not find this connection again.
            ready.remove(pooled);
        }
        acquisition.endpoint = null;
        boolean taken = false;
        try {
            acquisition.onReady(connection, endpoint, reused);
            taken = true;
        } finally {
            if (!taken) {
                pooled.cut();
            }
        }
        if (last) {
            pooled.drain();
        }
    }

    /// Gives a connection's room to those who wait; what is left waits in the list.
    private void offerRoom(PooledConnection pooled) {
        while (pooled.room() > 0) {
            Acquisition first = waiting.poll();
            if (first == null) {
                keep(pooled);
                return;
            }
            give(pooled, first);
        }
        ready.remove(pooled);
    }

    private void keep(PooledConnection pooled) {
        if (retired) {
            pooled.drain();
            return;
        }
        ready.add(pooled);
        if (pooled.streams() == 0) {
            pooled.idleSince = loop.nanoTime();
            if (sweep == null && idleNanos > 0) {
                scheduleSweep(idleNanos);
            }
        }
    }

    private void connectForWaiting() {
        while (waiting.size() > (long) connecting * streamsEach) {
            PooledConnection connection = new PooledConnection(this);
            connection.index = all.size();
            all.add(connection);
            connecting++;
            connection.dial(new Dial(loop.bootstrap(), cluster, endpoint, host, offer.protocols(), false, connection));
        }
    }

    ClientConnection speak(Channel channel, @Nullable String alpn, PooledConnection owner) {
        HttpVersion version = offer.version(alpn);
        return loop.connections().create(channel, version, loop.limits(), owner);
    }

    void onConnected(PooledConnection pooled) {
        connecting--;
        cluster.counters.connections.increment();
        endpoint.connected(true);
        if (pooled.connection().version() == HttpVersion.HTTP_1_1) {
            streamsEach = 1;
        }
        offerRoom(pooled);
        connectForWaiting();
    }

    /// Fails those whom no connection being made can serve, the longest waiting first.
    void onConnectFailed(PooledConnection pooled, ProxyException failure) {
        connecting--;
        cluster.counters.connectFailures.increment();
        endpoint.connected(false);
        forget(pooled);
        int tooMany = (int) (waiting.size() - (long) connecting * streamsEach);
        try {
            for (int i = 0; i < tooMany; i++) {
                failFirst(failure);
            }
        } finally {
            // For those who came meanwhile, or whom a receiver that threw kept from hearing.
            connectForWaiting();
        }
    }

    private void failFirst(ProxyException failure) {
        Acquisition first = waiting.poll();
        if (first != null) {
            first.endpoint = null;
            endpoint.failed(failure.flag());
            first.onFailure(failure, endpoint);
        }
    }

    void onAvailable(PooledConnection pooled) {
        ClientConnection connection = pooled.connection();
        streamsEach = bounded(connection.availableStreams() + connection.activeStreams());
        offerRoom(pooled);
    }

    void onDraining(PooledConnection pooled) {
        ready.remove(pooled);
        connectForWaiting();
    }

    void onClosed(PooledConnection pooled) {
        ready.remove(pooled);
        forget(pooled);
        connectForWaiting();
    }

    private void forget(PooledConnection pooled) {
        PooledConnection last = all.removeLast();
        if (last != pooled) {
            last.index = pooled.index;
            all.set(pooled.index, last);
        }
        if (isEmpty()) {
            loop.poolIsEmpty();
        }
    }

    /// The endpoint is not to be used any more, or is again. Requests in flight and those that wait are served.
    void retire(boolean isRetired) {
        retired = isRetired;
        if (retired) {
            for (PooledConnection connection : List.copyOf(all)) {
                connection.drain();
            }
        }
    }

    void cut() {
        for (PooledConnection connection : List.copyOf(all)) {
            connection.cut();
        }
    }

    boolean isEmpty() {
        return all.isEmpty() && waiting.size() == 0;
    }

    private void scheduleSweep(long delayNanos) {
        sweep = loop.eventLoop().schedule(this::closeIdle, delayNanos, TimeUnit.NANOSECONDS);
    }

    /// Closes what has been idle for too long, and comes back when the next will have been.
    private void closeIdle() {
        sweep = null;
        long now = loop.nanoTime();
        long next = Long.MAX_VALUE;
        PooledConnection connection = ready.oldest();
        while (connection != null) {
            PooledConnection newer = connection.newer;
            if (connection.streams() == 0) {
                long left = idleNanos - (now - connection.idleSince);
                if (left <= 0) {
                    connection.drain();
                } else {
                    next = Math.min(next, left);
                }
            }
            connection = newer;
        }
        if (next != Long.MAX_VALUE) {
            scheduleSweep(next);
        }
    }

    PoolBooks books() {
        int idle = 0;
        int active = 0;
        int draining = 0;
        int dialling = 0;
        int streams = 0;
        for (PooledConnection connection : all) {
            streams += connection.streams();
            switch (connection.state) {
                case CONNECTING -> dialling++;
                case DRAINING -> draining++;
                case OPEN -> {
                    if (connection.streams() == 0) {
                        idle++;
                    } else {
                        active++;
                    }
                }
                case CLOSED -> throw new IllegalStateException("a closed connection in the books of " + endpoint);
            }
        }
        if (dialling != connecting) {
            throw new IllegalStateException(connecting + " connections being made, " + dialling + " in the books");
        }
        return new PoolBooks(
                cluster.name(), endpoint.toString(), host, dialling, idle, active, draining, streams, waiting.size());
    }
}
