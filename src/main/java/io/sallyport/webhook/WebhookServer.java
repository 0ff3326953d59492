package io.sallyport.webhook;

import io.sallyport.identity.CredentialException;
import io.sallyport.vertx.ConnectionBound;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.KeyCertOptions;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The HTTPS port of the admission webhook: `POST /validate`, and `GET /healthz` for probes.
public final class WebhookServer implements AutoCloseable {
    /// What clients may take.
    ///
    /// @param connections that have ended their handshake
    /// @param handshake how long one may take
    /// @param idle how long a connection may be without a request
    /// @param body how long a body may take
    /// @param bodies bytes of all bodies at once
    public record Limits(int connections, Duration handshake, ConnectionBound.Idle idle, Duration body, int bodies) {
        /// API servers close connections that they have not used for 90 s.
        public static final Limits DEFAULT = new Limits(
                256,
                Duration.ofSeconds(3),
                new ConnectionBound.Idle(Duration.ofSeconds(10), Duration.ofMinutes(2)),
                Duration.ofSeconds(5),
                32 << 20);
    }

    private static final long MOST_BYTES_OF_REVIEW = 256L << 20;

    /// Of what is under way when the process is to stop.
    private static final Duration LONGEST_END = Duration.ofSeconds(5);

    private static final Logger LOG = System.getLogger(WebhookServer.class.getName());

    private final Vertx vertx;
    private final AdmissionReviews reviews;
    private final BodyReader bodies;
    private final WorkerExecutor reviewers;
    private final HttpServer server;
    private final ConnectionBound connections;
    private final long timer;

    /// Binds the port.
    ///
    /// @param port 0 for any free one
    /// @param tls directory of `tls.crt` and `tls.key`, which is looked at again after each period
    /// @throws CredentialException if there is no usable certificate
    /// @throws IOException if the port cannot be bound
    public WebhookServer(Vertx vertx, int port, Path tls, Duration period, Limits limits, AdmissionReviews reviews)
            throws CredentialException, IOException {
        this.vertx = vertx;
        this.reviews = reviews;
        this.bodies = new BodyReader(vertx, limits.body(), limits.bodies());
        ServedCertificate certificate = new ServedCertificate(tls);
        HttpServerOptions options = new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(KeyCertOptions.wrap(certificate))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setSslHandshakeTimeout(limits.handshake().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        // While a review is made it takes many times the bytes of its body: one for each processor, where there is
        // memory.
        long most = Math.clamp(
                Runtime.getRuntime().maxMemory() / MOST_BYTES_OF_REVIEW,
                1,
                Runtime.getRuntime().availableProcessors());
        reviewers = vertx.createSharedWorkerExecutor("webhook-reviews", (int) most);
        server = vertx.createHttpServer(options);
        connections = ConnectionBound.install(server, limits::connections, limits.idle(), this::handle);
        try {
            server.listen(port).toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            reviewers.close();
            throw new IOException("port " + port + " cannot be opened: " + e.getCause(), e);
        }
        timer = vertx.setPeriodic(
                period.toMillis(),
                _ -> vertx.executeBlocking(() -> {
                    certificate.refresh();
                    return null;
                }));
    }

    /// The port that is bound.
    public int port() {
        return server.actualPort();
    }

    private void handle(HttpServerRequest request) {
        switch (request.path()) {
            case "/healthz" -> {
                if (request.method() == HttpMethod.GET) {
                    end(request, 200, "ok\n");
                } else {
                    notAllowed(request, "GET");
                }
            }
            case "/validate" -> {
                if (request.method() == HttpMethod.POST) {
                    review(request);
                } else {
                    notAllowed(request, "POST");
                }
            }
            case null, default -> end(request, 404, "not found\n");
        }
    }

    private void review(HttpServerRequest request) {
        String type = request.getHeader("Content-Type");
        if (type == null || !isJson(type)) {
            BodyReader.refuse(request, 415, "send application/json\n");
            return;
        }
        bodies.read(request, body -> answer(request, body));
    }

    private static boolean isJson(String type) {
        int parameters = type.indexOf(';');
        String media = parameters < 0 ? type : type.substring(0, parameters);
        return media.strip().toLowerCase(Locale.ROOT).equals("application/json");
    }

    private Future<Buffer> answer(HttpServerRequest request, Buffer body) {
        return reviewers
                .executeBlocking(() -> Buffer.buffer(reviews.answer(body).encode()), false)
                .onSuccess(answer -> request.response()
                        .putHeader("Content-Type", "application/json")
                        .end(answer))
                .onFailure(failure -> {
                    if (failure instanceof IllegalArgumentException) {
                        end(request, 400, failure.getMessage() + "\n");
                    } else {
                        // Its message may quote the object.
                        LOG.log(
                                Level.ERROR,
                                "A review has failed: {0}",
                                failure.getClass().getName());
                        end(request, 500, "the review has failed\n");
                    }
                });
    }

    private static void notAllowed(HttpServerRequest request, String allowed) {
        request.response().putHeader("Allow", allowed);
        end(request, 405, "only " + allowed + "\n");
    }

    private static void end(HttpServerRequest request, int status, String text) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "text/plain")
                .end(text);
    }

    /// Answers who waits for an answer first: an API server that gets none may store the object as it is.
    @Override
    public void close() {
        vertx.cancelTimer(timer);
        try {
            connections
                    .drain(LONGEST_END)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(LONGEST_END.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.WARNING, "reviews are cut after {0}", LONGEST_END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.close();
        reviewers.close();
    }
}
