package io.sallyport.admin;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// The admin API, on a port of its own that only this machine reaches: `/status`, `/config_dump`,
/// `/clusters`, `/listeners`, `/routes`, `/requests`, `/policies`, `/certs`, `/egress`, `/egress/entries`,
/// `/egress/denied`, `/identity`, `/explain`, `POST
/// /drain`, and
/// a page that
/// shows them.
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(AdminServer.class.getName());
    private static final String LOOPBACK = "127.0.0.1";
    private static final String JSON = "application/json";
    private static final int IDLE_SECONDS = 60;

    /// @param body in UTF-8 already: encoding it is not for the event loop
    /// @param total of the rows that a page is of; null where it is all
    private record Content(
            String contentType, Buffer body, @Nullable Integer total) {}

    private final Vertx vertx;
    private final HttpServer server;
    private final AdminView view;
    private final Readiness readiness;
    private final Runnable drain;

    /// Binds the port.
    ///
    /// @param port 0 for any free one
    /// @param drain begins the drain and returns at once; called once for each request for it
    /// @throws IOException if the port cannot be bound
    public AdminServer(Vertx vertx, int port, AdminView view, Readiness readiness, Runnable drain) throws IOException {
        this.vertx = vertx;
        this.view = view;
        this.readiness = readiness;
        this.drain = drain;
        HttpServerOptions options = new HttpServerOptions().setHost(LOOPBACK).setIdleTimeout(IDLE_SECONDS);
        server = ServicePort.open(vertx, options, "admin", port, this::handle);
    }

    /// The port that is bound.
    public int port() {
        return server.actualPort();
    }

    private void handle(HttpServerRequest request) {
        String refusal = AdminGuard.refusal(request);
        if (refusal != null) {
            end(request.response(), 403, "text/plain", refusal + "\n");
            return;
        }
        switch (request.path()) {
            case "/status" -> get(request, () -> json(status().encodePrettily()));
            case "/config_dump" -> get(request, () -> json(view.configDump().encodePrettily()));
            case "/clusters" -> get(request, () -> page(view.clusters(), request));
            case "/routes" -> get(request, () -> page(view.routes(), request));
            case "/policies" -> get(request, () -> page(view.policies(), request));
            case "/certs" -> get(request, () -> page(view.certificates(), request));
            case "/requests" -> get(request, () -> page(view.requests(), request));
            case "/listeners" -> get(request, () -> json(view.listeners().encodePrettily()));
            case "/egress" -> get(request, () -> json(view.egress().encodePrettily()));
            case "/egress/entries" -> get(request, () -> page(view.egressEntries(), request));
            case "/egress/denied" -> get(request, () -> page(view.egressDenied(), request));
            case "/identity" -> get(request, () -> json(view.identity().encodePrettily()));
            case "/explain" ->
                get(request, () -> json(view.explain(request.params()).encodePrettily()));
            case "/drain" -> drain(request);
            case null, default -> {
                AdminPage part = AdminPage.at(request.path());
                if (part == null) {
                    end(request.response(), 404, "text/plain", "not found\n");
                } else {
                    get(request, () -> new Content(part.contentType(), Buffer.buffer(part.body()), null));
                }
            }
        }
    }

    private JsonObject status() {
        return view.status().put("state", readiness.state().name().toLowerCase(Locale.ROOT));
    }

    private static Content json(String text) {
        return new Content(JSON, Buffer.buffer(text), null);
    }

    private static Content page(Listing<?> listing, HttpServerRequest request) {
        Listing.Page page = listing.page(request.params());
        return new Content(JSON, Buffer.buffer(page.rows().encodePrettily()), page.matched());
    }

    /// Answers off the event loop: what is shown may be large.
    private void get(HttpServerRequest request, Callable<Content> content) {
        if (request.method() != HttpMethod.GET) {
            notAllowed(request, "GET");
            return;
        }
        vertx.executeBlocking(content, false)
                .onSuccess(answer -> {
                    if (answer.total != null) {
                        request.response().putHeader("X-Total-Count", answer.total.toString());
                    }
                    end(request.response(), 200, answer.contentType, answer.body);
                })
                .onFailure(e -> failed(request, e));
    }

    private static void failed(HttpServerRequest request, Throwable e) {
        if (e instanceof IllegalArgumentException) {
            end(
                    request.response(),
                    400,
                    JSON,
                    new JsonObject().put("error", e.getMessage()).encode());
        } else {
            LOG.log(Level.ERROR, "The admin API cannot answer " + request.path(), e);
            end(
                    request.response(),
                    500,
                    JSON,
                    new JsonObject().put("error", e.toString()).encode());
        }
    }

    private void drain(HttpServerRequest request) {
        if (request.method() != HttpMethod.POST) {
            notAllowed(request, "POST");
            return;
        }
        drain.run();
        end(
                request.response(),
                202,
                JSON,
                new JsonObject().put("state", "draining").encode());
    }

    private static void notAllowed(HttpServerRequest request, String allowed) {
        request.response().putHeader("Allow", allowed);
        end(request.response(), 405, "text/plain", "only " + allowed + "\n");
    }

    private static void end(HttpServerResponse response, int status, String contentType, String body) {
        end(response, status, contentType, Buffer.buffer(body));
    }

    private static void end(HttpServerResponse response, int status, String contentType, Buffer body) {
        response.setStatusCode(status)
                .putHeader("Content-Type", contentType)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Content-Security-Policy", AdminPage.POLICY)
                .end(body);
    }

    @Override
    public void close() {
        server.close();
    }
}
