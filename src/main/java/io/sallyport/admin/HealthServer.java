package io.sallyport.admin;

import io.sallyport.cluster.DescriptorLimit;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletionException;

/// The port of health and metrics. Quarkus' own server has a bound for its connections, too, but refuses new ones at
/// it, which would be the kubelet's probes.
public final class HealthServer implements AutoCloseable {
    private static final String EVERYWHERE = "0.0.0.0";
    private static final int IDLE_SECONDS = 10;
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
        HttpServer server = vertx.createHttpServer(new HttpServerOptions()
                .setHost(EVERYWHERE)
                .setIdleTimeout(IDLE_SECONDS)
                .setSendBufferSize(SEND_BUFFER_BYTES)
                .setHttp2ClearTextEnabled(false));
        ConnectionBound.install(server, DescriptorLimit.ofProcess()::forServicePort, router);
        try {
            server.listen(port).toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new IOException(PortRefusal.describe("health", port, Objects.requireNonNullElse(e.getCause(), e)), e);
        }
        return new HealthServer(server);
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
