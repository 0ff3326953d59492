package io.sallyport.admin;

import io.netty.channel.ChannelHandlerContext;
import io.sallyport.vertx.VertxInternals;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// Bounds the connections to a port of health or administration, so that its clients cannot take all descriptors. A
/// new connection is always let in, for it may be a probe's: beyond the bound, the one that has been idle for longest
/// is closed, or, where none is idle, the one whose request is the oldest.
///
/// Lives on the server's event loop.
final class ConnectionBound {
    private final IntSupplier most;
    /// Each with the response to its last request, in the order of these requests.
    private final Map<HttpConnection, @Nullable HttpServerResponse> open = new LinkedHashMap<>();

    private ConnectionBound(IntSupplier most) {
        this.most = most;
    }

    /// Has the handler answer the server's requests within the bound.
    ///
    /// @param most connections at once
    static HttpServer install(HttpServer server, IntSupplier most, Handler<HttpServerRequest> handler) {
        var bound = new ConnectionBound(most);
        return server.connectionHandler(bound::opened).requestHandler(request -> {
            bound.asked(request);
            handler.handle(request);
        });
    }

    /// Closes a connection after what its event loop has to do by now, such as to write a response that has ended.
    /// Vert.x's handler turns every close of the channel into one that waits until the client has read all, perhaps
    /// for ever; so the close begins below that handler.
    static void cut(HttpConnection connection) {
        ChannelHandlerContext handler = VertxInternals.handler(connection);
        handler.channel().eventLoop().execute(handler::close);
    }

    private void opened(HttpConnection connection) {
        while (!open.isEmpty() && open.size() >= most.getAsInt()) {
            HttpConnection leaving = leastMissed();
            open.remove(leaving);
            cut(leaving);
        }
        open.put(connection, null);
        connection.closeHandler(_ -> open.remove(connection));
    }

    private HttpConnection leastMissed() {
        for (Map.Entry<HttpConnection, @Nullable HttpServerResponse> each : open.entrySet()) {
            HttpServerResponse last = each.getValue();
            if (last == null || last.ended()) {
                return each.getKey();
            }
        }
        return open.keySet().iterator().next();
    }

    private void asked(HttpServerRequest request) {
        if (open.containsKey(request.connection())) {
            open.remove(request.connection());
            open.put(request.connection(), request.response());
        }
    }
}
