package io.sallyport.admin;

import io.sallyport.vertx.ConnectionBound;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Answers requests of the admin API: what is asked for is made on a thread of its own, for it may be large or take its
/// time. One answer is made at a time, and few large ones are held until their clients have read them, however many
/// ask. A client that does not read on loses its place to others that wait for one.
final class AdminAnswers {
    static final String JSON = "application/json";
    private static final Logger LOG = System.getLogger(AdminAnswers.class.getName());
    /// What is larger is sent in pieces.
    private static final int PIECE_BYTES = 64 * 1024;
    /// Of those.
    private static final int MOST_HELD = 4;
    private static final long LOOK_MILLIS = 500;
    /// Where others wait: of a client that does not read on, and of all of an answer.
    private static final long LONGEST_STALL_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LONGEST_SENDING_NANOS = TimeUnit.SECONDS.toNanos(60);

    /// @param body in UTF-8 already: encoding it is not for the event loop
    /// @param total of the rows that a page is of; null where it is all
    record Content(
            String contentType, Buffer body, @Nullable Integer total) {
        static Content json(String text) {
            return new Content(JSON, Buffer.buffer(text), null);
        }
    }

    private final Vertx vertx;
    private final Semaphore held = new Semaphore(MOST_HELD, true);
    private final Lock making = new ReentrantLock();

    AdminAnswers(Vertx vertx) {
        this.vertx = vertx;
    }

    /// Answers 200 with the content, or 400 where making it has found fault with the request by an
    /// [IllegalArgumentException].
    void answer(HttpServerRequest request, Callable<Content> content) {
        Thread.ofVirtual().name("sallyport-admin").start(() -> {
            try {
                makeAndSend(request, content);
            } catch (InterruptedException e) {
                ConnectionBound.cut(request.connection());
                Thread.currentThread().interrupt();
            } catch (Throwable e) {
                // The client has gone, or must see that its answer is incomplete.
                ConnectionBound.cut(request.connection());
            }
        });
    }

    private void makeAndSend(HttpServerRequest request, Callable<Content> content)
            throws InterruptedException, ExecutionException, TimeoutException {
        Content answer = make(request, content);
        if (answer == null || answer.body.length() <= PIECE_BYTES) {
            send(request, answer);
            return;
        }
        boolean placed = held.tryAcquire();
        if (!placed) {
            // While it waits for a place it is not kept, but made anew.
            answer = null;
            held.acquire();
        }
        try {
            send(request, placed ? answer : make(request, content));
        } finally {
            held.release();
        }
    }

    /// Null where nobody waits for it, or it cannot be made, which is answered.
    private @Nullable Content make(HttpServerRequest request, Callable<Content> content) {
        making.lock();
        try {
            return request.response().closed() ? null : content.call();
        } catch (Throwable e) {
            failed(request, e);
            return null;
        } finally {
            making.unlock();
        }
    }

    private void send(HttpServerRequest request, @Nullable Content answer)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (answer == null) {
            return;
        }
        HttpServerResponse response = head(request.response(), 200, answer.contentType)
                .putHeader("Content-Length", Integer.toString(answer.body.length()));
        if (answer.total != null) {
            response.putHeader("X-Total-Count", answer.total.toString());
        }
        if (request.method() != HttpMethod.HEAD) {
            send(response, answer.body);
        }
        response.end();
    }

    /// Each piece is sent before the next is given to the connection, which would hold a copy of all of it else.
    private void send(HttpServerResponse response, Buffer body)
            throws InterruptedException, ExecutionException, TimeoutException {
        long begun = System.nanoTime();
        for (int at = 0; at < body.length(); at += PIECE_BYTES) {
            Future<Void> written = response.write(body.slice(at, Math.min(at + PIECE_BYTES, body.length())));
            await(written.toCompletionStage().toCompletableFuture(), begun);
        }
    }

    private void await(CompletableFuture<Void> written, long begun)
            throws InterruptedException, ExecutionException, TimeoutException {
        long stalled = System.nanoTime();
        while (true) {
            try {
                written.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                long now = System.nanoTime();
                if (held.hasQueuedThreads()
                        && (now - stalled > LONGEST_STALL_NANOS || now - begun > LONGEST_SENDING_NANOS)) {
                    throw e;
                }
            }
        }
    }

    /// Answers when that is done, on a worker.
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
