package io.sallyport.admin;

import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.sallyport.telemetry.Exposition;
import io.sallyport.telemetry.MetricFormat;
import io.sallyport.telemetry.MetricScrapes;
import io.sallyport.vertx.ConnectionBound;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.ParsedHeaderValue;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// `/metrics`: each scrape is answered by a virtual thread, piece by piece, as fast as its client reads.
@Singleton
final class MetricsEndpoint {
    private static final int MOST_SCRAPES = 64;
    private static final int PIECE_BYTES = 32 * 1024;
    private static final long LONGEST_STALL_SECONDS = 10;
    /// Beyond these, a scrape leaves its place to others that wait for one.
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long LONG_SCRAPE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int LOOK_MILLIS = 100;
    private static final int LOOKS = 90;
    private static final long LONGEST_SCRAPE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long FORGETTING_MILLIS = 60_000;

    private final Exposition exposition;
    private final MetricScrapes scrapes;
    private final Semaphore slots = new Semaphore(MOST_SCRAPES);
    private final Set<Scrape> underWay = ConcurrentHashMap.newKeySet();

    /// One that has a slot.
    private static final class Scrape {
        private final HttpConnection connection;
        private final long begun = System.nanoTime();
        /// When the client was given what it has not read yet; null where it has read all.
        private volatile @Nullable Long unread;

        Scrape(HttpConnection connection) {
            this.connection = connection;
        }

        boolean isSlow() {
            long now = System.nanoTime();
            Long since = unread;
            return since != null && now - since > STALL_NANOS || now - begun > LONG_SCRAPE_NANOS;
        }
    }

    @Inject
    MetricsEndpoint(Exposition exposition) {
        this.exposition = exposition;
        scrapes = new MetricScrapes(exposition, System::nanoTime);
    }

    @Produces
    @Singleton
    static PrometheusMeterRegistry registry() {
        return Exposition.emptyRegistry();
    }

    @Produces
    @Singleton
    static Exposition exposition(PrometheusMeterRegistry registry) {
        return new Exposition(registry, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    }

    void register(@Observes Router router, Vertx vertx) {
        router.route("/metrics").handler(this::handle);
        vertx.setPeriodic(FORGETTING_MILLIS, _ -> Thread.ofVirtual().start(exposition::forget));
    }

    private void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        HttpServerResponse response = context.response();
        if (request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD) {
            response.putHeader("Allow", "GET, HEAD").setStatusCode(405).end();
            return;
        }
        MetricFormat format = format(context);
        boolean compressed = takesGzip(context);
        response.putHeader("Content-Type", format.contentType())
                .putHeader("Vary", "Accept, Accept-Encoding")
                .putHeader("Cache-Control", "no-store");
        if (compressed) {
            response.putHeader("Content-Encoding", "gzip");
        }
        if (request.method() == HttpMethod.HEAD) {
            response.end();
        } else {
            Thread.ofVirtual().name("sallyport-scrape").start(() -> answer(request, format, compressed));
        }
    }

    /// The one that the scraper prefers; Prometheus' own format where it has no preference.
    private static MetricFormat format(RoutingContext context) {
        for (MIMEHeader accepted : context.parsedHeaders().accept()) {
            if (accepted.weight() > 0) {
                if (accepted.component().equals("application")
                        && accepted.subComponent().equals("openmetrics-text")) {
                    return MetricFormat.OPEN_METRICS;
                }
                if (accepted.component().equals("text") || accepted.component().equals("*")) {
                    return MetricFormat.TEXT;
                }
            }
        }
        return MetricFormat.TEXT;
    }

    /// An entry for gzip takes precedence over `*` (RFC 9110, section 12.5.3).
    private static boolean takesGzip(RoutingContext context) {
        boolean everything = false;
        for (ParsedHeaderValue coding : context.parsedHeaders().acceptEncoding()) {
            if (coding.value().equalsIgnoreCase("gzip") || coding.value().equalsIgnoreCase("x-gzip")) {
                return coding.weight() > 0;
            }
            everything |= coding.value().equals("*") && coding.weight() > 0;
        }
        return everything;
    }

    private void answer(HttpServerRequest request, MetricFormat format, boolean compressed) {
        try {
            if (!awaitSlot()) {
                refuse(request.response());
                return;
            }
        } catch (InterruptedException e) {
            ConnectionBound.cut(request.connection());
            Thread.currentThread().interrupt();
            return;
        }
        var scrape = new Scrape(request.connection());
        underWay.add(scrape);
        try {
            answer(scrape, request.response().setChunked(true), format, compressed);
        } catch (IOException | ExecutionException | TimeoutException | RuntimeException e) {
            // The client must see that the exposition is incomplete.
            ConnectionBound.cut(scrape.connection);
        } catch (InterruptedException e) {
            ConnectionBound.cut(scrape.connection);
            Thread.currentThread().interrupt();
        } finally {
            underWay.remove(scrape);
            slots.release();
        }
    }

    /// Clients that do not read keep nobody waiting for long.
    private boolean awaitSlot() throws InterruptedException {
        boolean taken = slots.tryAcquire();
        for (int look = 0; !taken && look < LOOKS; look++) {
            for (Scrape scrape : underWay) {
                if (scrape.isSlow()) {
                    ConnectionBound.cut(scrape.connection);
                }
            }
            taken = slots.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
        return taken;
    }

    private static void refuse(HttpServerResponse response) {
        response.headers().clear();
        response.putHeader("Retry-After", "1")
                .setStatusCode(503)
                .end("there are " + MOST_SCRAPES + " scrapes under way\n");
    }

    private void answer(Scrape scrape, HttpServerResponse response, MetricFormat format, boolean compressed)
            throws IOException, ExecutionException, TimeoutException, InterruptedException {
        try (InputStream rendering = scrapes.open(format, () -> ConnectionBound.cut(scrape.connection));
                InputStream pieces = compressed ? rendering : new GZIPInputStream(rendering, PIECE_BYTES)) {
            for (byte[] piece = pieces.readNBytes(PIECE_BYTES);
                    piece.length > 0;
                    piece = pieces.readNBytes(PIECE_BYTES)) {
                // Each is sent before the next is read, so that one is held at most.
                scrape.unread = System.nanoTime();
                response.write(Buffer.buffer(piece))
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(LONGEST_STALL_SECONDS, TimeUnit.SECONDS);
                scrape.unread = null;
                if (System.nanoTime() - scrape.begun > LONGEST_SCRAPE_NANOS) {
                    throw new TimeoutException("the scrape took longer than a minute");
                }
            }
        }
        response.end();
    }
}
