package io.sallyport.upstream;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.cluster.AlpnOffer;
import io.sallyport.cluster.Circuit;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ConnectFailure;
import io.sallyport.cluster.Endpoint;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.HttpVersion;
import io.sallyport.outcome.ProxyException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The connections of one event loop to one endpoint that are alike: same cluster, same protocol, same server name.
///
/// What holds between calls: while a connection has room, nobody waits; and never more connections are being made than
/// the waiting need. Where the cluster has as many connections as it may have, they wait on. HTTP/1.1 and HTTP/2 differ
/// only in how much room a connection has.
final class Pool {
    /// Streams that a new HTTP/2 connection is trusted to allow before it has said (RFC 9113, 6.5.2 recommends no
    /// less).
    private static final int ASSUMED_STREAMS = 100;

    private final UpstreamLoop loop;
    private final Cluster cluster;
    private final Endpoint endpoint;
    private final String host;
    private final Circuit circuit;
    private final PoolShare share;
    private final WaitingRoom waiting;
    private final ReadyList ready = new ReadyList();
    private final List<PooledConnection> all = new ArrayList<>();
    private final IdleSweep idle;
    private final int mostRequests;
    private final int mostStreams;
    private AlpnOffer offer;
    /// Whether connections are offered one version, and the other where that is refused.
    private final boolean alternates;
    /// The version that is not on offer was refused last.
    private boolean otherRefused;
    private int connecting;
    private int streamsEach;
    private boolean retired;

    Pool(UpstreamLoop loop, Cluster cluster, Endpoint endpoint, String host, AlpnOffer offer) {
        this.loop = loop;
        this.cluster = cluster;
        this.endpoint = endpoint;
        this.host = host;
        this.offer = offer;
        alternates = offer == AlpnOffer.HTTP1_FIRST;
        circuit = cluster.circuit();
        share = new PoolShare(loop, cluster, this::connectForWaiting);
        waiting = new WaitingRoom(circuit.pending, () -> connecting > 0);
        idle = new IdleSweep(loop, ready, cluster.spec().idleTimeout().toNanos());
        mostRequests = cluster.spec().maxRequestsPerConnection();
        mostStreams = cluster.spec().resilience().connections().streams();
        streamsEach = assumedStreams();
    }

    /// Goes over to the other version where this one is refused and the other has not been, since a connection was last
    /// made or failed. The endpoint may have been replaced by one that speaks the other.
    ///
    /// @return false where both are refused
    private boolean offersOther(AlpnOffer refused) {
        if (refused != offer) {
            return true;
        }
        if (otherRefused) {
            return false;
        }
        otherRefused = true;
        offer = refused == AlpnOffer.HTTP1_FIRST ? AlpnOffer.HTTP2_SWITCHING : AlpnOffer.HTTP1_FIRST;
        streamsEach = assumedStreams();
        return true;
    }

    private int assumedStreams() {
        return offer.multiplexes() ? bounded(ASSUMED_STREAMS) : 1;
    }

    /// At least one, for a peer that allows none now may allow some on its next connection.
    private int bounded(int streams) {
        int most = Math.min(streams, mostStreams);
        return Math.max(1, mostRequests > 0 ? Math.min(mostRequests, most) : most);
    }

    int mostStreams() {
        return mostStreams;
    }

    /// @return null where connections may last for ever
    @Nullable
    ScheduledFuture<?> schedule(Runnable end) {
        long longest = cluster.spec().resilience().connections().longest().toNanos();
        return longest == 0 ? null : loop.eventLoop().schedule(end, longest, TimeUnit.NANOSECONDS);
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
        } else if (circuit.pending.take()) {
            acquisition.endpoint = endpoint;
            waiting.add(acquisition);
            if (!connectForWaiting()) {
                share.overflowed();
            }
        } else {
            refuse(acquisition, Circuit.PENDING);
        }
    }

    private void refuse(Acquisition acquisition, String limit) {
        acquisition.endpoint = null;
        endpoint.refused();
        acquisition.onFailure(Circuit.overflow(limit), null);
    }

    /// A peer may take back room that it has offered (SETTINGS), and does not announce that. A connection that is left
    /// without a stream, and may have none, makes way for another.
    private @Nullable PooledConnection newestWithRoom() {
        PooledConnection pooled = ready.newest();
        while (pooled != null && pooled.room() <= 0) {
            ready.remove(pooled);
            if (pooled.streams() == 0) {
                pooled.drain();
            }
            pooled = ready.newest();
        }
        return pooled;
    }

    /// Hands a connection with room to a request, which opens its stream before this returns, or does without.
    private void give(PooledConnection pooled, Acquisition acquisition) {
        if (!circuit.requests.isUnlimited() && !circuit.requests.take()) {
            refuse(acquisition, Circuit.REQUESTS);
            return;
        }
        endpoint.requestSent();
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
        if (share.mustYield(pooled)) {
            pooled.drain();
            return;
        }
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
            idle.onIdle(pooled);
        }
    }

    /// @return false where more connections would be made if the cluster did not have as many as it may have
    private boolean connectForWaiting() {
        while (waiting.size() > (long) connecting * streamsEach) {
            if (!share.take(all, streamsEach > 1)) {
                return false;
            }
            PooledConnection connection = new PooledConnection(this, offer);
            connection.index = all.size();
            all.add(connection);
            connecting++;
            connection.dial(new Dial(loop.bootstrap(), cluster, endpoint, host, offer.protocols(), false, connection));
        }
        return true;
    }

    /// Closes the connection that has been idle for longest, if one is.
    boolean yieldIdle() {
        for (PooledConnection connection = ready.oldest(); connection != null; connection = connection.newer) {
            if (connection.streams() == 0) {
                connection.drain();
                return true;
            }
        }
        return false;
    }

    ClientConnection speak(Channel channel, @Nullable String alpn, PooledConnection owner) {
        HttpVersion version = owner.offer.version(alpn);
        return loop.connections()
                .create(
                        channel,
                        version,
                        loop.limits(),
                        cluster.spec().resilience().connections().keepAlive(),
                        owner);
    }

    void onConnected(PooledConnection pooled) {
        connecting--;
        otherRefused = false;
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
        forget(pooled);
        if (alternates && failure.details().equals(ConnectFailure.NO_PROTOCOL) && offersOther(pooled.offer)) {
            // The endpoint is there, and has refused no request.
            connectForWaiting();
            return;
        }
        otherRefused = false;
        cluster.counters.connectFailures.increment();
        endpoint.connected(false);
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
            endpoint.connectFailed(failure.flag());
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
        share.giveBack();
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

    PoolUsage usage() {
        return PoolUsage.of(cluster.name(), endpoint.toString(), host, all, connecting, waiting.size());
    }
}
