package io.sallyport.listener;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.sallyport.http.SocketReads;
import io.sallyport.proxy.ProxyLoop;
import io.sallyport.snapshot.BindAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// A port that is bound on every event loop. It accepts nothing before [#open()], so that a generation that fails to
/// come up has shown itself to nobody.
final class BoundListener {
    /// Above the high mark a connection says that it is not writable, and the proxy stops reading the other side.
    private static final WriteBufferWaterMark WATER_MARKS = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    private static final SocketReads READS = new SocketReads();

    private static final int BACKLOG = 4096;

    /// When it was bound, milliseconds since 1970.
    final long sinceMillis = System.currentTimeMillis();

    private final BindAddress address;
    private final List<Channel> sockets = new ArrayList<>();
    private final Set<OpenConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger active = new AtomicInteger();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder shed = new LongAdder();
    private volatile boolean draining;

    /// Takes a new connection, on its event loop.
    interface Acceptor {
        void accept(BoundListener listener, DownstreamLoop loop, Channel channel);
    }

    private BoundListener(BindAddress address) {
        this.address = address;
    }

    /// Binds, blocking: called on the thread that applies configuration.
    ///
    /// @param portIsOurs another listener of this process holds the port at another address: 0.0.0.0 may give way
    ///     to 127.0.0.1
    /// @throws IOException where the address is not this host's, is in use or not permitted
    static BoundListener bind(
            BindAddress address, Transport transport, List<DownstreamLoop> loops, Acceptor acceptor, boolean portIsOurs)
            throws IOException {
        BoundListener listener = new BoundListener(address);
        InetSocketAddress socket = socket(address);
        try {
            if (address.port() != 0 && !portIsOurs) {
                makeSureItIsFree(socket);
            }
            for (DownstreamLoop loop : loops) {
                Channel bound = bootstrap(listener, transport, loop, acceptor)
                        .bind(socket)
                        .syncUninterruptibly()
                        .channel();
                listener.sockets.add(bound);
                socket = (InetSocketAddress) bound.localAddress();
            }
            return listener;
        } catch (Exception failure) {
            listener.stopAccepting();
            throw new IOException("cannot listen on " + address + ": " + failure.getMessage(), failure);
        }
    }

    /// Where it is to be bound; no name is looked up.
    static InetSocketAddress socket(BindAddress address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address.host()), address.port());
    }

    /// SO_REUSEPORT would let two gateways share a port without either knowing.
    private static void makeSureItIsFree(InetSocketAddress socket) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(socket);
        }
    }

    private static ServerBootstrap bootstrap(
            BoundListener listener, Transport transport, DownstreamLoop loop, Acceptor acceptor) {
        return new ServerBootstrap()
                .group(loop.eventLoop(), loop.eventLoop())
                .channel(transport.serverChannel())
                .option(transport.reusePort(), true)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // Handlers that serve who sends no more allow it when they take over: who ends before that is closed.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, false)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.RCVBUF_ALLOCATOR, READS)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        acceptor.accept(listener, loop, channel);
                    }
                });
    }

    BindAddress address() {
        return address;
    }

    /// The port that the kernel gave, which differs from the address's only where that is 0.
    InetSocketAddress localAddress() {
        return (InetSocketAddress) sockets.getFirst().localAddress();
    }

    /// Begins to accept.
    void open() {
        sockets.forEach(socket -> socket.config().setAutoRead(true));
    }

    /// Closes the port; connections stay.
    void stopAccepting() {
        sockets.forEach(socket -> socket.close().syncUninterruptibly());
    }

    /// Counts a new connection in; false where there are too many already.
    boolean admit(OpenConnection connection, ProxyLoop loop, int limit) {
        if (active.incrementAndGet() > limit || !loop.admitClient()) {
            active.decrementAndGet();
            shed.increment();
            return false;
        }
        accepted.increment();
        connections.add(connection);
        connection.channel().closeFuture().addListener(_ -> {
            connections.remove(connection);
            active.decrementAndGet();
            loop.clientGone();
        });
        if (draining) {
            connection.drainForNow();
        }
        return true;
    }

    /// Asks every connection that has not been asked yet to end, and from now on each new one, after its first request.
    void drain() {
        draining = true;
        for (OpenConnection connection : connections) {
            if (!connection.isDraining()) {
                connection.channel().eventLoop().execute(connection::drainForNow);
            }
        }
    }

    /// Takes [#drain] back.
    void resume() {
        draining = false;
        forEachConnection(OpenConnection::resume);
    }

    /// Calls for every open connection, each on its own event loop.
    void forEachConnection(Consumer<OpenConnection> action) {
        for (OpenConnection connection : connections) {
            connection.channel().eventLoop().execute(() -> action.accept(connection));
        }
    }

    int activeConnections() {
        return active.get();
    }

    long acceptedTotal() {
        return accepted.sum();
    }

    long shedTotal() {
        return shed.sum();
    }
}
