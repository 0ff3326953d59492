package io.sallyport.admin;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The port of health and metrics. Quarkus' own server has a bound for its connections, too, but refuses new ones at
/// it, which would be the kubelet's probes.
public final class HealthServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(HealthServer.class.getName());
    private static final String EVERYWHERE = "0.0.0.0";
    private static final int IDLE_SECONDS = 10;
    private static final int REHEARSAL_MILLIS = 5_000;
    /// The kernel would take megabytes for each scraper that does not read.
    private static final int SEND_BUFFER_BYTES = 128 * 1024;

    private final HttpServer server;

    private HealthServer(HttpServer server) {
        this.server = server;
    }

    /// Binds the port.
    ///
    /// @param port 0 for any free one
    /// @param router with the paths that Quarkus and [MetricsEndpoint] have added
    /// @throws IOException if the port cannot be bound
    public static HealthServer start(Vertx vertx, int port, Router router) throws IOException {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(EVERYWHERE)
                .setIdleTimeout(IDLE_SECONDS)
                .setSendBufferSize(SEND_BUFFER_BYTES);
        return new HealthServer(ServicePort.open(vertx, options, "health", port, router));
    }

    /// Requests each path once, so that the classes of its first answer are loaded while there are descriptors.
    ///
    /// @param port of this process
    public static void rehearse(int port) {
        for (String path : List.of("/healthz/live", "/healthz/ready", "/metrics")) {
            String request = "GET " + path + " HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n";
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(REHEARSAL_MILLIS);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "{0} on port {1} cannot be rehearsed: {2}", path, port, e);
            }
        }
    }

    /// The port that is bound.
    int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        server.close();
    }
}
