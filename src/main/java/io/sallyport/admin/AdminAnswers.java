package io.sallyport.admin;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// Answers requests of the admin API: what is asked for is made on a worker, for it may be large or take its time.
final class AdminAnswers {
    static final String JSON = "application/json";
    private static final Logger LOG = System.getLogger(AdminAnswers.class.getName());

    /// @param body in UTF-8 already: encoding it is not for the event loop
    /// @param total of the rows that a page is of; null where it is all
    record Content(
            String contentType, Buffer body, @Nullable Integer total) {
        static Content json(String text) {
            return new Content(JSON, Buffer.buffer(text), null);
        }
    }

    private final Vertx vertx;

    AdminAnswers(Vertx vertx) {
        this.vertx = vertx;
    }

    /// Answers 200 with the content, or 400 where making it has found fault with the request by an
    /// [IllegalArgumentException].
    void answer(HttpServerRequest request, Callable<Content> content) {
        perform(request, content, answer -> {
            if (answer.total != null) {
                request.response().putHeader("X-Total-Count", answer.total.toString());
            }
            end(request.response(), 200, answer.contentType, answer.body);
        });
    }

    /// As [#answer], with an answer of another kind.
    ///
    /// @param then called on the event loop
    <T> void perform(HttpServerRequest request, Callable<T> work, Handler<T> then) {
        vertx.executeBlocking(work, false).onSuccess(then).onFailure(e -> failed(request, e));
    }

    private static void failed(HttpServerRequest request, Throwable e) {
        if (e instanceof IllegalArgumentException) {
            error(request, 400, String.valueOf(e.getMessage()));
        } else {
            LOG.log(Level.ERROR, "The admin API cannot answer " + request.path(), e);
            error(request, 500, e.toString());
        }
    }

    /// @param reason for the user
    static void error(HttpServerRequest request, int status, String reason) {
        end(
                request.response(),
                status,
                JSON,
                new JsonObject().put("error", reason).encode());
    }

    /// @param allowed methods, separated by commas
    static void notAllowed(HttpServerRequest request, String allowed) {
        request.response().putHeader("Allow", allowed);
        end(request.response(), 405, "text/plain", "only " + allowed + "\n");
    }

    static void end(HttpServerResponse response, int status, String contentType, String body) {
        end(response, status, contentType, Buffer.buffer(body));
    }

    private static void end(HttpServerResponse response, int status, String contentType, Buffer body) {
        head(response, status, contentType).end(body);
    }

    /// Writes what every answer of the admin API says; nothing is sent yet.
    static HttpServerResponse head(HttpServerResponse response, int status, String contentType) {
        return response.setStatusCode(status)
                .putHeader("Content-Type", contentType)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Content-Security-Policy", AdminPage.POLICY);
    }
}
