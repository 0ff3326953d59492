package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.Cors;
import io.sallyport.route.Fault;
import io.sallyport.route.Forward;
import io.sallyport.route.Mirror;
import io.sallyport.route.RouteFilters;
import io.sallyport.route.WeightedCluster;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a route does to one request around forwarding it. Only requests of routes with filters have one.
///
/// The order is Istio's (pilot, `buildHTTPConnectionManager`): the fault with its delay and its abort, then CORS, then
/// forwarding with its mirrors. So a fault may hit a preflight, and the answer to an aborted request has no CORS
/// fields. Other than Envoy's, a delay counts towards the route's timeout.
final class RouteFiltering implements Runnable {
    /// Where a request goes that has passed the filters, or has not.
    interface Next {
        /// A response of the gateway's own.
        void answer(ResponseHead response, byte[] body, String details);

        void forward();
    }

    private static final byte[] NO_BODY = {};
    private static final byte[] ABORTED = "fault filter abort".getBytes(StandardCharsets.US_ASCII);

    private final ClientExchange request;
    private final Next next;
    private final @Nullable Fault fault;
    private final @Nullable CrossOrigin crossOrigin;
    private final List<Mirror> mirrors;
    private final boolean delayed;
    private Deadline delay = Deadline.NONE;
    private @Nullable RoutingContext routing;
    private @Nullable Mirroring mirroring;
    private boolean faultPassed;

    /// Before the request's head is changed for the upstream.
    RouteFiltering(ClientExchange request, Next next, RouteFilters filters) {
        this.request = request;
        this.next = next;
        fault = filters.fault();
        mirrors = filters.mirrors();
        Cors cors = filters.cors();
        crossOrigin = cors == null ? null : new CrossOrigin(cors, request.head);
        delayed = fault != null && fault.delayed().includes(random());
    }

    /// Whether the request has got its answer already and goes no further.
    boolean answered() {
        return !delayed && answer();
    }

    private boolean answer() {
        if (fault != null && fault.aborted().includes(random())) {
            request.facts.flag = ResponseFlag.FI;
            next.answer(aborted(fault.abort()), ABORTED, "fault_filter_abort");
            return true;
        }
        faultPassed = true;
        ResponseHead preflight = crossOrigin == null ? null : crossOrigin.preflight();
        if (preflight != null) {
            next.answer(preflight, NO_BODY, "cors_response");
        }
        return preflight != null;
    }

    /// As Envoy answers.
    private ResponseHead aborted(Fault.Abort abort) {
        Headers headers = new Headers(8);
        AsciiString flagHeader = request.connection.loop.settings.flagHeader();
        if (flagHeader != null) {
            headers.add(flagHeader, ResponseFlag.FI.name());
        }
        return switch (abort) {
            case Fault.HttpAbort(int status) -> new ResponseHead(status, headers);
            case Fault.GrpcAbort(int code) -> {
                if (request.facts.grpc) {
                    headers.add(HeaderNames.GRPC_STATUS, Integer.toString(code));
                }
                yield new ResponseHead(200, headers);
            }
        };
    }

    /// Lets the request, whose head is as the upstream is to get it, go on; perhaps later.
    ///
    /// @param destination that the route has chosen
    void proceed(RoutingContext context, Forward route, WeightedCluster destination) {
        routing = context;
        // A switched connection is no request any more, so there is nothing to copy.
        if (!mirrors.isEmpty() && request.head.upgrade == null) {
            mirroring = Mirroring.of(mirrors, request, context, route, destination);
        }
        if (delayed && fault != null) {
            request.facts.faultFlag = ResponseFlag.DI;
            delay = delay.start(request.downstream.eventLoop(), fault.delay().toNanos(), this);
        } else {
            forward();
        }
    }

    /// The delay is over.
    @Override
    public void run() {
        if (!request.ended() && !answer()) {
            forward();
        }
    }

    private void forward() {
        next.forward();
        // What could not be sent to anybody is not sent to mirrors either, as at Envoy.
        if (mirroring != null && routing != null && !request.ended()) {
            mirroring.begin(routing);
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
        return request.connection.loop.random.nextInt();
    }
}
