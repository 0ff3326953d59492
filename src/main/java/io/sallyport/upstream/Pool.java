package io.sallyport.upstream;

import io.sallyport.cluster.Circuit;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ConnectFailure;
import io.sallyport.cluster.ConnectionLife;
import io.sallyport.cluster.ConnectionLimit;
import io.sallyport.cluster.Endpoint;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.HttpVersion;
import io.sallyport.outcome.ProxyException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The connections of one event loop to one endpoint that are alike: same cluster, same protocol, same server name, and
/// the same client where a header names it.
///
/// What holds between calls: while a connection has room, nobody waits; and never more connections are being made than
/// the waiting need. Where the cluster has as many connections as it may have, they wait on. HTTP/1.1 and HTTP/2 differ
/// only in how much room a connection has.
final class Pool implements PooledConnection.Listener {
    /// Streams that a new HTTP/2 connection is trusted to allow before its peer has stated its limit (RFC 9113, 6.5.2
    /// recommends no less).
    private static final int ASSUMED_STREAMS = 100;

    private final PoolLoop loop;
    private final ClusterPools owner;
    /// Where the owner has it, with the endpoint.
    final Object name;

    final AlpnOffer firstOffer;
    private final Cluster cluster;
    final Endpoint endpoint;
    private final String host;
    private final @Nullable ProxyHeader header;
    private final Circuit circuit;
    private final ConnectionLimit limit;
    private final ConnectionLife life;
    private final WaitingRoom waiting;
    private final ReadyList ready;
    private final List<PooledConnection> all = new ArrayList<>();
    private final int mostRequests;
    private AlpnOffer offer;
    /// Whether connections are offered one version, and the other where that is refused.
    private final boolean alternates;
    /// The version that is not on offer was refused last.
    private boolean otherRefused;
    private int connecting;
    /// How many streams a connection allows, as far as it is known.
    private int streamsEach;
    /// What wakes the pool, which has no connection that will take requests, may make none, and waits for another
    /// pool's to end; null where it does not.
    private @Nullable Runnable starving;

    private boolean retired;

    /// @param owner is notified when it is empty
    /// @param name by which the owner knows it among those of the endpoint
    /// @param header that its connections begin with, or null
    Pool(
            PoolLoop loop,
            ClusterPools owner,
            Object name,
            Cluster cluster,
            Endpoint endpoint,
            String host,
            @Nullable ProxyHeader header,
            AlpnOffer offer) {
        this.loop = loop;
        this.owner = owner;
        this.name = name;
        firstOffer = offer;
        this.cluster = cluster;
        this.endpoint = endpoint;
        this.host = host;
        this.header = header;
        this.offer = offer;
        alternates = offer == AlpnOffer.HTTP1_FIRST;
        circuit = cluster.circuit();
        limit = circuit.connections;
        life = cluster.spec().resilience().connections();
        waiting = new WaitingRoom(circuit.pending, () -> connecting > 0, this::checkEmpty);
        long idle = cluster.spec().idleTimeout().toNanos();
        ready = new ReadyList(loop, header == null ? idle : header.longestIdle(idle));
        mostRequests = cluster.spec().maxRequestsPerConnection();
        streamsEach = assumedStreams();
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
                limit.overflowed();
            }
        } else {
            refuse(acquisition, Circuit.PENDING);
            checkEmpty();
        }
    }

    private void checkEmpty() {
        if (isEmpty()) {
            if (starving != null) {
                limit.forget(starving);
                starving = null;
            }
            owner.onEmpty(this);
        }
    }

    private void refuse(Acquisition acquisition, String reached) {
        acquisition.endpoint = null;
        endpoint.refused();
        acquisition.onFailure(Circuit.overflow(reached), null);
    }

    /// A peer may take back room that it has offered (SETTINGS), which is not reported. A connection that has no stream
    /// and may have none makes way for another.
    private @Nullable PooledConnection newestWithRoom() {
        PooledConnection pooled = ready.newest();
        while (pooled != null && pooled.room(streamsEach) <= 0) {
            ready.remove(pooled);
            if (pooled.streams() == 0) {
                pooled.drain();
            }
            pooled = ready.newest();
        }
        return pooled;
    }

    /// Hands a connection with room to a request, which opens its stream before this returns, or never.
    private void give(PooledConnection pooled, Acquisition acquisition) {
        if (!circuit.requests.isUnlimited() && !circuit.requests.take()) {
            refuse(acquisition, Circuit.REQUESTS);
            return;
        }
        endpoint.requestSent();
        ClientConnection connection = pooled.connection();
        boolean reused = pooled.requests++ > 0;
        boolean last = mostRequests > 0 && pooled.requests >= mostRequests;
        if (last || pooled.room(streamsEach) == 1) {
            // Before the call, which may lead to another acquire: that must not find this connection.
            ready.remove(pooled);
        }
        acquisition.endpoint = null;
        boolean taken = false;
        try {
            acquisition.onReady(connection, endpoint, pooled.facts(endpoint), reused);
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

    /// Gives a connection's room to those who wait, and keeps it in the list where some is left.
    private void offerRoom(PooledConnection pooled) {
        if (mustYield(pooled)) {
            pooled.drain();
            return;
        }
        while (pooled.room(streamsEach) > 0) {
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
        } else {
            ready.add(pooled);
        }
    }

    /// @return false where more connections would be made if the cluster did not have as many as it may have
    private boolean connectForWaiting() {
        while (waiting.size() > (long) connecting * streamsEach) {
            if (!mayConnect()) {
                return false;
            }
            PooledConnection connection = new PooledConnection(loop, life, offer, this);
            connection.index = all.size();
            all.add(connection);
            connecting++;
            connection.dial(cluster, endpoint, host, header);
        }
        return true;
    }

    /// Whether one more connection may be made, which then counts in the cluster's limit. Where it may not and the pool
    /// has none that will take requests, another pool's is reclaimed; over HTTP/2, where connections carry many
    /// requests and may never be idle, the pool's only one is made all the same.
    private boolean mayConnect() {
        if (limit.takeQuietly()) {
            return true;
        }
        if (isServed()) {
            return false;
        }
        if (streamsEach > 1) {
            limit.takeAnyway();
            return true;
        }
        if (starving == null) {
            Runnable wake = () -> loop.eventLoop().execute(this::onConnectionEnded);
            starving = wake;
            limit.await(wake);
            cluster.reclaimConnection();
        }
        return false;
    }

    private boolean isServed() {
        for (PooledConnection connection : all) {
            if (connection.state != PooledConnection.State.DRAINING) {
                return true;
            }
        }
        return false;
    }

    /// A connection of the cluster has ended, after the pool had to wait for that.
    private void onConnectionEnded() {
        starving = null;
        connectForWaiting();
        limit.passOn();
    }

    /// Whether a connection that has come free must go because another pool has none at all.
    private boolean mustYield(PooledConnection free) {
        return limit.isContended() && free.requests > 0 && free.streams() == 0;
    }

    /// Drains the connection that has been idle for longest.
    ///
    /// @return false where none is idle
    boolean yieldIdle() {
        return ready.drainOldestIdle();
    }

    /// Offers the other version from now on, where this one is refused and the other has not been, since a connection
    /// was last made or failed: the endpoint may have been replaced by one that speaks the other.
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

    /// At least one: a peer that allows none now may allow some on its next connection.
    private int bounded(int streams) {
        int most = Math.min(streams, life.streams());
        return Math.max(1, mostRequests > 0 ? Math.min(mostRequests, most) : most);
    }

    @Override
    public void onConnected(PooledConnection pooled) {
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
    @Override
    public void onConnectFailed(PooledConnection pooled, ProxyException failure) {
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
            // For those who came meanwhile, and those not yet failed where a receiver threw.
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

    @Override
    public void onAvailable(PooledConnection pooled) {
        ClientConnection connection = pooled.connection();
        streamsEach = bounded(connection.availableStreams() + connection.activeStreams());
        offerRoom(pooled);
    }

    @Override
    public void onDraining(PooledConnection pooled) {
        ready.remove(pooled);
        connectForWaiting();
    }

    @Override
    public void onClosed(PooledConnection pooled) {
        ready.remove(pooled);
        forget(pooled);
        connectForWaiting();
    }

    private void forget(PooledConnection pooled) {
        limit.giveBack();
        PooledConnection last = all.removeLast();
        if (last != pooled) {
            last.index = pooled.index;
            all.set(pooled.index, last);
        }
        checkEmpty();
    }

    /// Sets whether the endpoint has left the cluster. Requests in flight and those that wait are still served.
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
