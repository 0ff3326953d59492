package io.sallyport.cluster;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import io.sallyport.net.AddressRefusal;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ResponseFlag;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A place that requests are sent to, shared by all event loops. It lives as long as the cluster has it: while answers
/// of DNS name its address, the object stays, and with it connections and health.
public final class Endpoint {
    private static final SocketAddress[] NONE = {};
    private static final AttributeKey<Identities> IDENTITIES = AttributeKey.valueOf(Endpoint.class, "identities");

    private final EndpointSpec spec;
    private final String name;
    private AtomicInteger active = new AtomicInteger();
    private final AtomicInteger turn = new AtomicInteger();
    private final LongAdder requests = new LongAdder();
    /// Responses with a status of 500 or above.
    private final LongAdder errors = new LongAdder();
    /// Requests that got no response: connection refused, time-out, reset.
    private final LongAdder failures = new LongAdder();
    private final @Nullable CompletionStage<?> resolution;
    private final boolean listed;
    /// For [WarmUp]; the time counts only once it has begun.
    private volatile boolean begun;

    private volatile long beganNanos;
    /// Set before any request can choose the endpoint, and never again.
    private @Nullable EndpointHealth health;

    private @Nullable Limit requestLimit;
    private LongAdder clusterRequests = new LongAdder();
    private volatile boolean available = true;
    private volatile boolean inPanic;
    private volatile SocketAddress[] addresses;
    private volatile @Nullable AddressRefusal refusal;
    private volatile boolean unreachable;
    /// Some handshake with it has shown a SPIFFE id; before, no connection is asked for one.
    private volatile boolean identified;

    /// Who has shown whom which SPIFFE id in a connection's handshake.
    private record Identities(
            @Nullable String peer, @Nullable String own) {}

    /// An endpoint at a fixed address.
    ///
    /// @param listed the configuration has this very address, so the guard does not apply
    public Endpoint(EndpointSpec spec, SocketAddress address, boolean listed) {
        this(spec, List.of(address), listed, null);
    }

    /// An endpoint whose addresses change.
    ///
    /// @param resolution completes when they are known for the first time, or known not to be
    public Endpoint(
            EndpointSpec spec,
            List<? extends SocketAddress> addresses,
            boolean listed,
            @Nullable CompletionStage<?> resolution) {
        this.spec = spec;
        this.listed = listed;
        this.name = spec.address() + ':' + spec.port();
        this.addresses = addresses.toArray(NONE);
        this.resolution = resolution;
    }

    /// A connection's handshake has verified who it is.
    ///
    /// @param peer its SPIFFE id, or null
    /// @param own the one that it was shown, or null
    public void identified(Channel connection, @Nullable String peer, @Nullable String own) {
        if (peer != null || own != null) {
            connection.attr(IDENTITIES).set(new Identities(peer, own));
            identified = true;
        }
    }

    /// Who it is, by its labels and by the handshake of that connection.
    public EndpointFacts facts(Channel connection) {
        Identities shown = identified ? connection.attr(IDENTITIES).get() : null;
        return new EndpointFacts(
                name,
                connection.localAddress(),
                shown == null ? null : shown.peer,
                shown == null ? null : shown.own,
                spec.workload());
    }

    /// The endpoint that was at the address before, where its spec is equal, with all that is known of it; else a new
    /// one.
    static Endpoint kept(@Nullable Endpoint before, EndpointSpec spec, SocketAddress address, boolean listed) {
        return before != null && before.spec.equals(spec) ? before : new Endpoint(spec, address, listed);
    }

    /// The same place, at another port; of no cluster.
    public Endpoint atPort(int port) {
        List<SocketAddress> moved = addresses().stream()
                .map(address -> address instanceof InetSocketAddress inet && !inet.isUnresolved()
                        ? (SocketAddress) new InetSocketAddress(inet.getAddress(), port)
                        : address)
                .toList();
        return new Endpoint(spec, moved, listed, null);
    }

    /// Address and port, as logs show them.
    public String name() {
        return name;
    }

    public EndpointSpec spec() {
        return spec;
    }

    public int weight() {
        return spec.weight();
    }

    /// What consistent hashing knows it by: its address where it has exactly one, so that it stays what it is while
    /// others with its name come and go.
    public String hashName() {
        SocketAddress[] current = addresses;
        return current.length == 1 && current[0] instanceof InetSocketAddress inet && inet.getAddress() != null
                ? NetUtil.toSocketAddressString(inet)
                : name;
    }

    /// Requests that were sent here, or wait to be, and have not ended.
    public int activeRequests() {
        return active.get();
    }

    /// The addresses known now; more than one only with [Discovery#LOGICAL_DNS] and [Discovery#DYNAMIC].
    public List<SocketAddress> addresses() {
        return List.of(addresses);
    }

    /// False while it is ejected, or its health checks fail: no request is to be sent to it.
    public boolean isAvailable() {
        return available;
    }

    /// The request has ended with this status of the endpoint.
    public void finished(int status) {
        released();
        if (status >= 500 && status < 600) {
            errors.increment();
        }
        EndpointHealth watched = health;
        if (watched != null) {
            watched.onStatus(status);
        }
    }

    /// The request has ended without a complete response, by the endpoint's or the network's doing.
    ///
    /// @param flag [ResponseFlag#UF], UC, UR, UT or UPE; RBAC, a denial, says nothing about the endpoint
    public void failed(ResponseFlag flag) {
        released();
        count(flag);
    }

    /// There was no connection for the request.
    public void connectFailed(ResponseFlag flag) {
        if (flag == ResponseFlag.UO) {
            refused();
            return;
        }
        active.decrementAndGet();
        requestSent();
        count(flag);
    }

    private void count(ResponseFlag flag) {
        if (flag != ResponseFlag.RBAC) {
            failures.increment();
        }
        EndpointHealth watched = health;
        if (watched != null && isItsDoing(flag)) {
            watched.onFailure();
        }
    }

    /// A client that went away says nothing, nor does a name without an address.
    private static boolean isItsDoing(ResponseFlag flag) {
        return switch (flag) {
            case UF, UC, UR, UT, UPE -> true;
            default -> false;
        };
    }

    /// The request has ended, or was never sent, and says nothing about the endpoint: a relayed TCP connection,
    /// a client that went away.
    public void released() {
        active.decrementAndGet();
        Limit limit = requestLimit;
        if (limit != null) {
            limit.giveBack();
        }
    }

    /// The request has ended before it had a connection, and says nothing about the endpoint.
    public void notSent() {
        active.decrementAndGet();
        requestSent();
    }

    /// The request was refused by a limit: it is not counted as sent.
    public void refused() {
        active.decrementAndGet();
    }

    /// Counts a request that has a connection, or would be sent if there were one.
    public void requestSent() {
        requests.increment();
        clusterRequests.increment();
    }

    /// A relayed connection is open; it counts as a request, but is never refused as one.
    public void relayStarted() {
        requestSent();
        Limit limit = requestLimit;
        if (limit != null) {
            limit.takeAnyway();
        }
        EndpointHealth watched = health;
        if (watched != null) {
            watched.onConnected();
        }
    }

    /// Its age counts from then on, unless it does already.
    void begin(long nowNanos) {
        if (!begun) {
            beganNanos = nowNanos;
            begun = true;
        }
    }

    boolean hasBegun() {
        return begun;
    }

    /// When its age began.
    long beganNanos() {
        return beganNanos;
    }

    void watch(EndpointHealth newHealth) {
        health = newHealth;
        available = newHealth.isWell();
    }

    void limit(Limit newRequestLimit) {
        requestLimit = newRequestLimit;
    }

    @Nullable
    EndpointHealth health() {
        return health;
    }

    public void available(boolean isAvailable) {
        available(isAvailable, false);
    }

    /// @param withoutHealth it is used though it is not well, for too few of its priority are
    public void available(boolean isAvailable, boolean withoutHealth) {
        if (!isAvailable) {
            available = false;
        }
        inPanic = withoutHealth;
        available = isAvailable;
    }

    /// Whether it is used though it is not well, for too few of its priority are.
    public boolean isInPanic() {
        return inPanic;
    }

    /// Whether the last attempt to connect failed; false before the first.
    boolean isUnreachable() {
        return unreachable;
    }

    public void connected(boolean success) {
        if (unreachable == success) {
            unreachable = !success;
        }
    }

    public void requestStarted() {
        active.incrementAndGet();
    }

    /// Counts its requests in those of the cluster that it is part of.
    ///
    /// @return whether it does so from now on: no request has chosen it yet
    boolean countIn(LongAdder requestsOfCluster) {
        boolean begins = clusterRequests != requestsOfCluster;
        if (begins) {
            clusterRequests = requestsOfCluster;
        }
        return begins;
    }

    /// Both are one place, and are burdened together. Before any request can choose this one.
    void countActiveWith(@Nullable Endpoint other) {
        if (other != null) {
            active = other.active;
        }
    }

    void addresses(List<? extends SocketAddress> newAddresses) {
        refusal = null;
        addresses = newAddresses.toArray(NONE);
    }

    /// Takes all addresses away, for this reason.
    void refuse(AddressRefusal newRefusal) {
        refusal = newRefusal;
        addresses = NONE;
    }

    /// Why it has no address, where that is because its addresses are guarded; else null.
    @Nullable
    AddressRefusal refusal() {
        return refusal;
    }

    /// The configuration has this very address, so the guard does not apply.
    public boolean isListed() {
        return listed;
    }

    public int addressCount() {
        return addresses.length;
    }

    /// The address for the next new connection, or null where the name has none.
    @Nullable
    public SocketAddress nextAddress() {
        SocketAddress[] current = addresses;
        return switch (current.length) {
            case 0 -> null;
            case 1 -> current[0];
            default -> current[Math.floorMod(turn.getAndIncrement(), current.length)];
        };
    }

    /// What to wait for while there is no address; null where there is nothing to wait for.
    @Nullable
    public CompletionStage<?> resolution() {
        return resolution;
    }

    ClusterStatus.EndpointStatus status() {
        return new ClusterStatus.EndpointStatus(
                spec,
                addresses(),
                active.get(),
                requests.sum(),
                errors.sum(),
                failures.sum(),
                available,
                healthStatus());
    }

    private ClusterStatus.@Nullable HealthStatus healthStatus() {
        EndpointHealth watched = health;
        return watched == null ? null : watched.status();
    }

    @Override
    public String toString() {
        return name;
    }
}
