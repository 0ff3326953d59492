package io.sallyport.listener;

import io.netty.channel.Channel;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.ListenerSnapshot;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One downstream connection while its handlers are being chosen.
final class Downstream {
    private static final AtomicLong IDS = new AtomicLong();

    private final long id = IDS.incrementAndGet();
    private final OpenConnection connection;
    private final BindAddress bind;
    private final DownstreamLoop loop;
    private final ListenerSettings settings;
    private @Nullable SocketAddress statedRemote;

    Downstream(OpenConnection connection, BindAddress bind, DownstreamLoop loop, ListenerSettings settings) {
        this.connection = connection;
        this.bind = bind;
        this.loop = loop;
        this.settings = settings;
    }

    OpenConnection connection() {
        return connection;
    }

    Channel channel() {
        return connection.channel();
    }

    BindAddress bind() {
        return bind;
    }

    /// Its port in the snapshot that is current now, or null where it is gone.
    @Nullable
    ListenerSnapshot listener() {
        return loop.http().snapshots().current().listeners().get(bind);
    }

    DownstreamLoop loop() {
        return loop;
    }

    ListenerSettings settings() {
        return settings;
    }

    /// The client's address as a PROXY protocol header states it.
    void remoteIs(SocketAddress stated) {
        statedRemote = stated;
    }

    SocketAddress remote() {
        return statedRemote != null ? statedRemote : channel().remoteAddress();
    }

    ConnectionInfo info(ConnectionInfo.@Nullable Tls tls) {
        return new ConnectionInfo(id, remote(), channel().localAddress(), tls);
    }
}
