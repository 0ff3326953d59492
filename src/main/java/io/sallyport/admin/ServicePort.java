package io.sallyport.admin;

import io.sallyport.cluster.DescriptorLimit;
import io.sallyport.vertx.ConnectionBound;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletionException;

/// Opens the ports of health and administration.
final class ServicePort {
    private ServicePort() {}

    /// Binds the port and answers requests on it, within a bound for its connections.
    ///
    /// @param name of the port: `health` or `admin`
    /// @param port 0 for any free one
    /// @throws IOException if the port cannot be bound; its message is for the user
    static HttpServer open(
            Vertx vertx, HttpServerOptions options, String name, int port, Handler<HttpServerRequest> handler)
            throws IOException {
        HttpServer server = vertx.createHttpServer(options.setHttp2ClearTextEnabled(false));
        ConnectionBound.install(server, DescriptorLimit.ofProcess()::forServicePort, handler);
        try {
            server.listen(port).toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new IOException(refusal(name, port, Objects.requireNonNullElse(e.getCause(), e)), e);
        }
        return server;
    }

    private static String refusal(String name, int port, Throwable cause) {
        String reason = String.valueOf(cause.getMessage());
        boolean inUse = reason.contains("in use");
        return "sallyport.%s.port=%d: %s; %sset SALLYPORT_%s_PORT to a free port"
                .formatted(
                        name,
                        port,
                        inUse ? "the port is in use by another process" : "the port cannot be opened: " + reason,
                        inUse ? "stop that process ('ss -ltnp' lists who listens), or " : "",
                        name.toUpperCase(Locale.ROOT));
    }
}
