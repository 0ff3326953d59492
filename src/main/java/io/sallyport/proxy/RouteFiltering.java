package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.Cors;
import io.sallyport.route.Fault;
import io.sallyport.route.Mirror;
import io.sallyport.route.RouteFilters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a route does to one request around forwarding it. Only requests of routes with filters have one.
///
/// The order is Istio's (pilot, `buildHTTPConnectionManager`): the fault with its delay and its abort, then CORS, then
/// forwarding with its mirrors. So a fault may hit a preflight, and the answer to an aborted request has no CORS
/// fields. Other than Envoy's, a delay counts towards the route's timeout.
final class RouteFiltering implements Runnable {
    private static final byte[] NO_BODY = {};

    private final Exchange exchange;
    private final @Nullable Fault fault;
    private final @Nullable CrossOrigin crossOrigin;
    private final List<Mirror> mirrors;
    private final boolean delayed;
    private final Deadline delay = new Deadline();
    private @Nullable RoutingContext request;
    private @Nullable Mirroring mirroring;
    private boolean faultPassed;

    /// Before the request's head is changed for the upstream.
    RouteFiltering(Exchange exchange, RouteFilters filters) {
        this.exchange = exchange;
        fault = filters.fault();
        mirrors = filters.mirrors();
        Cors cors = filters.cors();
        crossOrigin = cors == null ? null : new CrossOrigin(cors, exchange.head);
        delayed = fault != null && fault.delayed().includes(random());
    }

    /// Whether the request has got its answer already and goes no further.
    boolean answered() {
        return !delayed && answer();
    }

    private boolean answer() {
        if (fault != null && fault.aborted().includes(random())) {
            exchange.facts.flag = ResponseFlag.FI;
            ResponseHead head = FaultInjection.head(
                    fault.abort(), exchange.facts.grpc, exchange.connection.loop.settings.flagHeader());
            exchange.answer(head, FaultInjection.body(), FaultInjection.DETAILS);
            return true;
        }
        faultPassed = true;
        ResponseHead preflight = crossOrigin == null ? null : crossOrigin.preflight();
        if (preflight != null) {
            exchange.answer(preflight, NO_BODY, "cors_response");
        }
        return preflight != null;
    }

    /// Lets the request, whose head is as the upstream is to get it, go on; perhaps later.
    ///
    /// @param timeoutNanos of the route; 0 for none
    void proceed(RoutingContext context, long timeoutNanos) {
        request = context;
        // A switched connection is no request any more, so there is nothing to copy.
        if (!mirrors.isEmpty() && exchange.head.upgrade == null) {
            mirroring = Mirroring.of(mirrors, exchange, timeoutNanos);
        }
        if (delayed && fault != null) {
            exchange.facts.faultFlag = ResponseFlag.DI;
            delay.start(exchange.downstream.eventLoop(), fault.delay().toNanos(), this);
        } else {
            forward();
        }
    }

    /// The delay is over.
    @Override
    public void run() {
        if (!exchange.ended() && !answer()) {
            forward();
        }
    }

    private void forward() {
        exchange.attempt();
        // What could not be sent to anybody is not sent to mirrors either, as at Envoy.
        if (mirroring != null && request != null && !exchange.ended()) {
            mirroring.begin(request);
        }
    }

    void requestData(ByteBuf data, boolean end) {
        if (mirroring != null) {
            mirroring.data(data, end);
        }
    }

    void requestTrailers(Headers trailers) {
        if (mirroring != null) {
            mirroring.trailers(trailers);
        }
    }

    void flush() {
        if (mirroring != null) {
            mirroring.flush();
        }
    }

    void editResponse(Headers headers) {
        if (crossOrigin != null && faultPassed) {
            crossOrigin.edit(headers);
        }
    }

    /// The exchange has ended; what it began for its mirrors goes on by itself.
    void end() {
        delay.stop();
        if (mirroring != null) {
            mirroring.exchangeEnded();
        }
    }

    private int random() {
        return exchange.connection.loop.random.nextInt();
    }
}
