package io.sallyport.admin;

import io.sallyport.admin.AdminAnswers.Content;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;

/// The admin API, on a port of its own that only this machine reaches: what [AdminView] shows as JSON, a page for it,
/// and what [AdminActions] changes.
public final class AdminServer implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    /// Longer than a recording of the JVM, which is silent until its end.
    private static final int IDLE_SECONDS = FlightRecording.LONGEST_SECONDS + 30;

    private final AdminAnswers answers;
    private final HttpServer server;
    private final AdminView view;
    private final Readiness readiness;
    private final AdminActions actions;
    private final FlightRecording recording;

    /// Binds the port.
    ///
    /// @param port 0 for any free one
    /// @throws IOException if the port cannot be bound
    public AdminServer(Vertx vertx, int port, AdminView view, Readiness readiness, DrainSwitch drain, LogLevels levels)
            throws IOException {
        answers = new AdminAnswers(vertx);
        actions = new AdminActions(answers, readiness, drain, levels);
        recording = new FlightRecording(vertx);
        this.view = view;
        this.readiness = readiness;
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
            AdminAnswers.end(request.response(), 403, "text/plain", refusal + "\n");
            return;
        }
        try {
            request.params();
        } catch (IllegalArgumentException malformed) {
            AdminAnswers.error(request, 400, String.valueOf(malformed.getMessage()));
            return;
        }
        switch (request.path()) {
            case "/status" -> get(request, () -> Content.json(status().encodePrettily()));
            case "/config" -> {
                boolean faultsOnly = Boolean.parseBoolean(request.getParam("faults"));
                get(request, () -> Content.json(view.resources(faultsOnly).encodePrettily()));
            }
            case "/config_dump" ->
                get(request, () -> Content.json(view.configDump().encodePrettily()));
            case "/clusters" -> get(request, () -> page(view.clusters(), request));
            case "/routes" -> get(request, () -> page(view.routes(), request));
            case "/policies" -> get(request, () -> page(view.policies(), request));
            case "/certs" -> get(request, () -> page(view.certificates(), request));
            case "/requests" -> get(request, () -> page(view.requests(), request));
            case "/listeners" ->
                get(request, () -> Content.json(view.listeners().encodePrettily()));
            case "/egress" -> get(request, () -> Content.json(view.egress().encodePrettily()));
            case "/egress/entries" -> get(request, () -> page(view.egressEntries(), request));
            case "/egress/denied" -> get(request, () -> page(view.egressDenied(), request));
            case "/identity" -> get(request, () -> Content.json(view.identity().encodePrettily()));
            case "/explain" ->
                get(request, () -> Content.json(view.explain(request.params()).encodePrettily()));
            case "/drain" -> actions.drain(request);
            case "/logging" -> actions.logging(request);
            case "/debug/stalls" ->
                get(request, () -> Content.json(view.stalls().encodePrettily()));
            case "/debug/heap" -> {
                boolean live = Boolean.parseBoolean(request.getParam("live"));
                get(request, () -> Content.json(HeapReport.json(live).encodePrettily()));
            }
            case "/debug/jfr" -> record(request);
            case null, default -> {
                AdminPage part = AdminPage.at(request.path());
                if (part == null) {
                    AdminAnswers.end(request.response(), 404, "text/plain", "not found\n");
                } else {
                    get(request, () -> new Content(part.contentType(), Buffer.buffer(part.body()), null));
                }
            }
        }
    }

    private void record(HttpServerRequest request) {
        if (request.method() == HttpMethod.GET) {
            recording.serve(request);
        } else {
            AdminAnswers.notAllowed(request, "GET");
        }
    }

    private JsonObject status() {
        return view.status().put("state", readiness.state().name().toLowerCase(Locale.ROOT));
    }

    private static Content page(Listing<?> listing, HttpServerRequest request) {
        Listing.Page page = listing.page(request.params());
        return new Content(AdminAnswers.JSON, Buffer.buffer(page.rows().encodePrettily()), page.matched());
    }

    private void get(HttpServerRequest request, Callable<Content> content) {
        if (request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD) {
            answers.answer(request, content);
        } else {
            AdminAnswers.notAllowed(request, "GET, HEAD");
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
