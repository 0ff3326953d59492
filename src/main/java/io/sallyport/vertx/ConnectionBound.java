package io.sallyport.vertx;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// Bounds the connections to one of the ports beside the data plane, so that its clients cannot take all descriptors. A
/// new connection is always let in, for it may be a probe's: beyond the bound, the one that has been idle for longest
/// is closed, or, where none is idle, the one whose request is the oldest.
///
/// Lives on the server's event loop.
public final class ConnectionBound {
    /// How long connections may be without a request; what a client sends meanwhile, such as a head byte by
    /// byte, counts for nothing.
    ///
    /// @param first until the head of the first request is complete
    /// @param next after a response has ended; it is noticed after twice that at the latest
    public record Idle(Duration first, Duration next) {}

    private final IntSupplier most;
    private final @Nullable Idle idle;
    /// In the order of their last requests.
    private final Map<HttpConnection, Open> open = new LinkedHashMap<>();
    /// Of the server; null before the first connection.
    private volatile @Nullable EventLoop loop;
    /// Null for as long as nobody is asked to go.
    private @Nullable Promise<Void> drained;

    /// A connection.
    private static final class Open {
        /// To the last request; null before the first.
        @Nullable
        HttpServerResponse last;

        private @Nullable ScheduledFuture<?> look;

        boolean isIdle() {
            return last == null || last.ended();
        }
    }

    private ConnectionBound(IntSupplier most, @Nullable Idle idle) {
        this.most = most;
        this.idle = idle;
    }

    /// Has the handler answer the server's requests within the bound.
    ///
    /// @param most connections at once
    public static ConnectionBound install(HttpServer server, IntSupplier most, Handler<HttpServerRequest> handler) {
        return new ConnectionBound(most, null).install(server, handler);
    }

    /// As [#install(HttpServer, IntSupplier, Handler)], and closes connections without requests.
    public static ConnectionBound install(
            HttpServer server, IntSupplier most, Idle idle, Handler<HttpServerRequest> handler) {
        return new ConnectionBound(most, idle).install(server, handler);
    }

    private ConnectionBound install(HttpServer server, Handler<HttpServerRequest> handler) {
        server.connectionHandler(this::opened).requestHandler(request -> {
            asked(request);
            handler.handle(request);
        });
        return this;
    }

    /// Asks all clients to go: connections end with the responses that they wait for (HTTP/2: GOAWAY). New ones are
    /// closed at once.
    ///
    /// @param longest that streams of HTTP/2 may take
    /// @return complete when nobody is connected any more
    public Future<Void> drain(Duration longest) {
        EventLoop of = loop;
        if (of == null) {
            return Future.succeededFuture();
        }
        Promise<Void> gone = Promise.promise();
        of.execute(() -> {
            drained = gone;
            List.copyOf(open.entrySet()).forEach(each -> leave(each.getKey(), each.getValue(), longest));
            if (open.isEmpty()) {
                gone.tryComplete();
            }
        });
        return gone.future();
    }

    private static void leave(HttpConnection connection, Open open, Duration longest) {
        if (isHttp2(connection)) {
            connection.shutdown(longest.toMillis(), TimeUnit.MILLISECONDS);
        } else if (open.isIdle()) {
            cut(connection);
        } else {
            closeAfter(open.last, connection);
        }
    }

    private static boolean isHttp2(HttpConnection connection) {
        return VertxInternals.handler(connection).handler() instanceof Http2ConnectionHandler;
    }

    private static void closeAfter(@Nullable HttpServerResponse last, HttpConnection connection) {
        if (last != null) {
            if (!last.headWritten()) {
                last.putHeader("Connection", "close");
            }
            last.endHandler(_ -> cut(connection));
        }
    }

    /// Closes a connection after what its event loop has to do by now, such as to write a response that has ended.
    /// Vert.x's handler turns every close of the channel into one that waits until the client has read all, perhaps
    /// for ever; so the close begins below that handler.
    public static void cut(HttpConnection connection) {
        ChannelHandlerContext handler = VertxInternals.handler(connection);
        handler.channel().eventLoop().execute(handler::close);
    }

    private void opened(HttpConnection connection) {
        if (drained != null) {
            cut(connection);
            return;
        }
        while (!open.isEmpty() && open.size() >= most.getAsInt()) {
            HttpConnection leaving = leastMissed();
            open.remove(leaving);
            cut(leaving);
        }
        loop = VertxInternals.handler(connection).channel().eventLoop();
        Open opened = new Open();
        open.put(connection, opened);
        if (idle != null) {
            lookAgain(connection, opened, idle.first(), idle.next());
        }
        connection.closeHandler(_ -> {
            open.remove(connection);
            if (drained != null && open.isEmpty()) {
                drained.tryComplete();
            }
            if (opened.look != null) {
                opened.look.cancel(false);
            }
        });
    }

    /// Closes the connection if it has no request until then.
    private static void lookAgain(HttpConnection connection, Open opened, Duration after, Duration next) {
        HttpServerResponse before = opened.last;
        EventLoop loop = VertxInternals.handler(connection).channel().eventLoop();
        opened.look = loop.schedule(
                () -> {
                    if (opened.last == before && opened.isIdle()) {
                        cut(connection);
                    } else {
                        lookAgain(connection, opened, next, next);
                    }
                },
                after.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private HttpConnection leastMissed() {
        for (Map.Entry<HttpConnection, Open> each : open.entrySet()) {
            if (each.getValue().isIdle()) {
                return each.getKey();
            }
        }
        return open.keySet().iterator().next();
    }

    private void asked(HttpServerRequest request) {
        Open asking = open.remove(request.connection());
        if (asking != null) {
            asking.last = request.response();
            open.put(request.connection(), asking);
            if (drained != null && !isHttp2(request.connection())) {
                closeAfter(asking.last, request.connection());
            }
        }
    }
}
