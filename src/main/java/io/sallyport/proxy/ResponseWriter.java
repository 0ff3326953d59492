package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.extauth.HeaderEdit;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.StreamError;
import io.sallyport.http.grpc.MessageCounter;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.Forward;
import io.sallyport.route.HeaderOps;
import io.sallyport.route.WeightedCluster;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Writes the response of one request to its client, be it the endpoint's or the gateway's own. The one place where a
/// response is edited.
final class ResponseWriter {
    private static final String UNSENDABLE = "unsendable_response";
    private static final byte[] NO_BODY = {};

    private final ClientExchange exchange;
    private @Nullable GrpcWeb web;
    private @Nullable MessageCounter messages;
    private @Nullable RouteFiltering filtering;
    private @Nullable Forward route;
    private @Nullable WeightedCluster destination;
    private @Nullable RoutingContext routing;
    private List<HeaderEdit> edits = List.of();
    private boolean started;
    /// After 101 each direction ends for itself.
    private boolean switched;
    /// A gRPC response that may end at any time by trailers which say why.
    private boolean endsByTrailers;

    ResponseWriter(ClientExchange exchange) {
        this.exchange = exchange;
    }

    /// The response is to be translated.
    void translate(GrpcWeb translation) {
        web = translation;
    }

    /// The route's filters edit the response.
    void edit(RouteFiltering filters) {
        filtering = filters;
    }

    /// The route edits the endpoint's response.
    void edit(Forward forward, WeightedCluster chosen, RoutingContext context) {
        route = forward;
        destination = chosen;
        routing = context;
    }

    /// An external authorizer edits the response's header, whosever it is.
    void edit(List<HeaderEdit> others) {
        edits = edits.isEmpty()
                ? others
                : Stream.concat(edits.stream(), others.stream()).toList();
    }

    boolean isStarted() {
        return started;
    }

    boolean isSwitched() {
        return switched;
    }

    // The gateway's own responses.

    /// Answers a request that was not forwarded, or whose forwarding failed before a response began.
    void reply(ProxyException failure) {
        FactSheet.refused(exchange.facts, failure);
        ResponseHead response = LocalReply.head(failure, exchange.connection.loop.settings.flagHeader());
        reply(response, LocalReply.body(failure).getBytes(StandardCharsets.UTF_8), failure.details());
    }

    void reply(ResponseHead response, byte[] body, String details) {
        if (looksSwitched(response)) {
            reply(Routing.upgradeFailed());
            return;
        }
        started = true;
        complete(response.headers);
        if (FieldSyntax.areValues(response.headers)) {
            write(response, body, details);
        } else {
            ResponseHead bare = new ResponseHead(500, new Headers(4));
            ResponseFields.complete(bare.headers, exchange.connection);
            write(bare, NO_BODY, UNSENDABLE);
        }
    }

    private void write(ResponseHead response, byte[] body, String details) {
        exchange.facts.details = details;
        if (exchange.facts.log != null) {
            FactSheet.response(exchange.facts.log, response.headers);
        }
        if (web == null) {
            exchange.facts.bytesSent += LocalReply.write(
                    exchange.downstream, response, body, exchange.head.method.equals("HEAD"), exchange.facts.grpc);
        } else {
            web.refuse(response, body);
            exchange.downstream.writeHead(response, true);
            exchange.downstream.flush();
        }
        // For gRPC clients, writing has replaced the status of the reply.
        exchange.facts.status = response.status;
        exchange.facts.grpcStatus = response.headers.get(HeaderNames.GRPC_STATUS);
    }

    // The endpoint's response.

    /// @return whether the response is complete
    boolean head(ResponseHead response, boolean end) {
        exchange.facts.status = response.status;
        exchange.facts.details = "via_upstream";
        UpstreamRequest.report(response.headers, exchange.facts);
        if (route != null && destination != null) {
            route.editResponse(destination, response.headers, editor(route, destination, response));
        }
        AsciiString cookie = routing == null ? null : routing.newCookie();
        if (cookie != null) {
            response.headers.add(HeaderNames.SET_COOKIE, cookie);
        }
        if (web == null || web.translate(response, end)) {
            return begin(response, end);
        }
        started = true;
        return false;
    }

    private HeaderOps.Editor<Headers> editor(Forward forward, WeightedCluster chosen, ResponseHead response) {
        return forward.composesResponse(chosen)
                ? new ComposedFields(exchange, exchange.head.headers, response.headers, forward.credentialNames(chosen))
                : UpstreamRequest.FieldEditor.INSTANCE;
    }

    /// @return whether the response is complete
    private boolean begin(ResponseHead response, boolean end) {
        if (looksSwitched(response)) {
            reply(ProxyException.upstream(ResponseFlag.UPE, "upgrade_not_accepted", false));
            return true;
        }
        if (web != null) {
            exchange.facts.grpcStatus = response.headers.get(HeaderNames.GRPC_STATUS);
        }
        complete(response.headers);
        if (!FieldSyntax.areValues(response.headers)) {
            reply(Failures.unsendable(UNSENDABLE));
            return true;
        }
        if (exchange.facts.log != null) {
            FactSheet.response(exchange.facts.log, response.headers);
        }
        started = true;
        switched = response.status == 101;
        messages = exchange.facts.grpc && response.status == 200 ? new MessageCounter() : null;
        endsByTrailers = exchange.facts.grpc
                && response.status == 200
                && (web == null
                        ? exchange.head.version == HttpVersion.HTTP_2
                                && !response.headers.contains(HeaderNames.CONTENT_LENGTH)
                        : web.translates());
        exchange.downstream.writeHead(response, end);
        response.headers.release();
        if (end) {
            exchange.downstream.flush();
        }
        return end;
    }

    /// Whether the client would take the response for a switch that has not been made.
    private boolean looksSwitched(ResponseHead response) {
        return response.status / 100 == 2 && exchange.head.isExtendedConnect();
    }

    private void complete(Headers headers) {
        if (filtering != null) {
            filtering.editResponse(headers);
        }
        if (!edits.isEmpty()) {
            HeaderEdit.apply(edits, headers);
        }
        ResponseFields.complete(headers, exchange.connection);
    }

    /// @return whether the response is complete, which it may be before its end
    boolean data(ByteBuf data, boolean end) {
        if (web != null && web.holds()) {
            boolean full = !web.hold(data);
            return (full || end) && begin(web.release(), true);
        }
        if (messages != null) {
            exchange.facts.messages().response += messages.count(data);
        }
        ByteBuf sent = web == null ? data : web.response(data);
        exchange.facts.bytesSent += sent.readableBytes();
        exchange.downstream.writeData(sent, end);
        if (end) {
            exchange.downstream.flush();
        }
        return end;
    }

    void trailers(Headers trailers) {
        if (web != null && web.holds()) {
            begin(web.release(), true);
            return;
        }
        AsciiString grpcStatus = trailers.get(HeaderNames.GRPC_STATUS);
        exchange.facts.grpcStatus = grpcStatus == null ? exchange.facts.grpcStatus : grpcStatus;
        writeTrailers(trailers);
    }

    private void writeTrailers(Headers trailers) {
        if (exchange.facts.log != null) {
            FactSheet.trailers(exchange.facts.log, trailers);
        }
        if (web != null && web.translates()) {
            ByteBuf frame = web.frame(trailers);
            exchange.facts.bytesSent += frame.readableBytes();
            exchange.downstream.writeData(frame, true);
        } else {
            exchange.downstream.writeTrailers(trailers);
        }
        exchange.downstream.flush();
    }

    /// The endpoint or the deadline cut a response that had begun: the client must see that it is cut.
    void cut(ResponseFlag flag, String details) {
        exchange.facts.cut(flag, details);
        if (web != null && web.holds()) {
            begin(web.release(), true);
        } else if (flag == ResponseFlag.UT && endsByTrailers) {
            Headers trailers = LocalReply.deadlineTrailers(details);
            exchange.facts.grpcStatus = trailers.get(HeaderNames.GRPC_STATUS);
            writeTrailers(trailers);
        } else {
            exchange.downstream.reset(howToCut(flag));
        }
    }

    private StreamError howToCut(ResponseFlag flag) {
        if (switched || (flag == ResponseFlag.UT && exchange.facts.grpc)) {
            // Of a tunnel as a TCP connection that is reset (RFC 8441, 5).
            return StreamError.CANCEL;
        }
        return flag == ResponseFlag.UPE ? StreamError.PROTOCOL_ERROR : StreamError.INTERNAL_ERROR;
    }
}
