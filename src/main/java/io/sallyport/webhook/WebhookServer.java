package io.sallyport.webhook;

import io.sallyport.identity.CredentialException;
import io.vertx.core.Vertx;
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
import java.util.concurrent.TimeUnit;

/// The HTTPS port of the admission webhook: `POST /validate`, and `GET /healthz` for probes.
public final class WebhookServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(WebhookServer.class.getName());
    /// What etcd takes, with the object before and the review around it.
    private static final int MOST_BODY_BYTES = 3 << 20;

    private static final long BODY_MILLIS = 5_000;
    private static final int IDLE_SECONDS = 60;
    private static final int HANDSHAKE_SECONDS = 5;

    private final Vertx vertx;
    private final AdmissionReviews reviews;
    private final HttpServer server;
    private final long timer;

    /// Binds the port.
    ///
    /// @param port 0 for any free one
    /// @param tls directory of `tls.crt` and `tls.key`, which is looked at again after each period
    /// @throws CredentialException if there is no usable certificate
    /// @throws IOException if the port cannot be bound
    public WebhookServer(Vertx vertx, int port, Path tls, Duration period, AdmissionReviews reviews)
            throws CredentialException, IOException {
        this.vertx = vertx;
        this.reviews = reviews;
        ServedCertificate certificate = new ServedCertificate(tls);
        HttpServerOptions options = new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(KeyCertOptions.wrap(certificate))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                .setIdleTimeout(IDLE_SECONDS);
        server = vertx.createHttpServer(options).requestHandler(this::handle);
        try {
            server.listen(port).toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
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
            refuse(request, 415, "send application/json\n");
            return;
        }
        Buffer body = Buffer.buffer();
        long late = vertx.setTimer(BODY_MILLIS, _ -> refuse(request, 408, "the body is late\n"));
        request.exceptionHandler(_ -> vertx.cancelTimer(late));
        request.handler(part -> {
            if (body.length() + part.length() > MOST_BODY_BYTES) {
                vertx.cancelTimer(late);
                request.handler(null);
                refuse(request, 413, "more than 3 MiB\n");
            } else {
                body.appendBuffer(part);
            }
        });
        request.endHandler(_ -> {
            if (vertx.cancelTimer(late)) {
                answer(request, body);
            }
        });
    }

    private static boolean isJson(String type) {
        int parameters = type.indexOf(';');
        String media = parameters < 0 ? type : type.substring(0, parameters);
        return media.strip().toLowerCase(Locale.ROOT).equals("application/json");
    }

    private void answer(HttpServerRequest request, Buffer body) {
        vertx.executeBlocking(() -> Buffer.buffer(reviews.answer(body).encode()), false)
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

    /// What is left of the request is not read.
    private static void refuse(HttpServerRequest request, int status, String reason) {
        if (!request.response().ended()) {
            request.response().setStatusCode(status).putHeader("Content-Type", "text/plain");
            request.response().end(reason).onComplete(_ -> request.connection().close());
        }
    }

    private static void end(HttpServerRequest request, int status, String text) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "text/plain")
                .end(text);
    }

    @Override
    public void close() {
        vertx.cancelTimer(timer);
        server.close();
    }
}
