package io.sallyport.webhook;

import io.sallyport.vertx.ConnectionBound;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.function.Function;

/// Reads the bodies of requests within bounds: of each one and of all at once, and of time.
///
/// Lives on the server's event loop.
final class BodyReader {
    /// What etcd takes, with the object before and the review around it.
    private static final int MOST_BYTES = 3 << 20;

    private static final String TOO_LARGE = "more than 3 MiB\n";

    private final Vertx vertx;
    private final Duration longest;
    private final int mostOfAll;
    private int ofAll;

    /// @param longest time that a body may take
    /// @param mostOfAll bytes of all bodies that are being read or used
    BodyReader(Vertx vertx, Duration longest, int mostOfAll) {
        this.vertx = vertx;
        this.longest = longest;
        this.mostOfAll = mostOfAll;
    }

    /// Answers the request itself where a bound is reached.
    ///
    /// @param use of the whole body, which counts until the future completes
    void read(HttpServerRequest request, Function<Buffer, Future<?>> use) {
        if (declared(request) > MOST_BYTES) {
            refuseUnread(request);
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        Reading reading = new Reading(request);
        request.exceptionHandler(_ -> reading.stop());
        request.handler(reading::take);
        request.endHandler(_ -> {
            if (reading.end()) {
                use.apply(reading.body).onComplete(_ -> reading.release());
            }
        });
    }

    /// A client of HTTP/1.1 that is still sending would lose the answer if its connection was closed at once.
    private void refuseUnread(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            refuse(request, 413, TOO_LARGE);
            return;
        }
        long late = vertx.setTimer(longest.toMillis(), _ -> request.connection().close());
        request.exceptionHandler(_ -> vertx.cancelTimer(late));
        request.handler(_ -> {});
        request.endHandler(_ -> {
            vertx.cancelTimer(late);
            ConnectionBound.cut(request.connection());
        });
        request.response()
                .setStatusCode(413)
                .putHeader("Content-Type", "text/plain")
                .putHeader("Connection", "close")
                .end(TOO_LARGE);
    }

    /// Bytes; 0 where it is not said.
    private static long declared(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException beyond) {
            return Long.MAX_VALUE;
        }
    }

    /// What is left of the request is not read.
    static void refuse(HttpServerRequest request, int status, String reason) {
        request.response().setStatusCode(status).putHeader("Content-Type", "text/plain");
        request.response().end(reason).onComplete(_ -> {
            if (request.version() == HttpVersion.HTTP_2) {
                request.response().reset(0);
            } else {
                request.connection().close();
            }
        });
    }

    private final class Reading {
        private final HttpServerRequest request;
        private final Buffer body = Buffer.buffer();
        private final long late;
        private boolean over;

        Reading(HttpServerRequest request) {
            this.request = request;
            late = vertx.setTimer(longest.toMillis(), _ -> refuse(408, "the body is late\n"));
        }

        void take(Buffer part) {
            if (over) {
                return;
            }
            if (body.length() + part.length() > MOST_BYTES) {
                refuse(413, TOO_LARGE);
            } else if (ofAll + part.length() > mostOfAll) {
                refuse(503, "too many reviews at once\n");
            } else {
                ofAll += part.length();
                body.appendBuffer(part);
            }
        }

        private void refuse(int status, String reason) {
            stop();
            BodyReader.refuse(request, status, reason);
        }

        /// Whether the body is whole.
        boolean end() {
            boolean whole = !over;
            over = true;
            vertx.cancelTimer(late);
            return whole;
        }

        void stop() {
            if (end()) {
                release();
            }
        }

        void release() {
            ofAll -= body.length();
        }
    }
}
