package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.http.WebSocketHandshake;
import org.jspecify.annotations.Nullable;

/// A request that the gateway sent over HTTP/2.
final class Http2ClientStream extends AbstractHttp2Stream implements ClientStream {
    private static final int CONTINUE = 100;
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;

    /// Interim responses that one request may bring.
    private static final int MAX_INTERIM = 32;

    private final Http2ClientConnection connection;
    private final ResponseListener responses;
    private final boolean headRequest;
    private final boolean expectsContinue;
    /// The request asks to switch protocols.
    private final boolean upgrade;
    /// Of a WebSocket's client over HTTP/1.1, which awaits an answer to it.
    private final @Nullable AsciiString key;
    private boolean headReceived;
    /// The endpoint has switched: each side ends on its own.
    private boolean tunnel;
    private int interim;

    Http2ClientStream(
            Http2ClientConnection connection, Http2Stream stream, RequestHead head, ResponseListener listener) {
        super(connection.transport, connection.notices, stream);
        this.connection = connection;
        this.responses = listener;
        this.headRequest = head.method.equals("HEAD");
        this.expectsContinue = head.expectsContinue;
        this.upgrade = head.upgrade != null;
        this.key = upgrade ? head.headers.get(HeaderNames.SEC_WEBSOCKET_KEY) : null;
        listener(listener);
    }

    /// The endpoint does not support the extended CONNECT; nothing of the request has been sent.
    void refuseSwitch() {
        if (!isCut()) {
            cut(Http2Error.CANCEL);
            notifyReset(StreamError.UNSUPPORTED, "http2.extended_connect_not_announced");
        }
    }

    @Override
    public ClientConnection connection() {
        return connection;
    }

    void receiveHeaders(DecodedFields fields, boolean end) {
        if (tunnel) {
            // RFC 9113, 8.5.
            violate("http2.headers_in_tunnel");
            return;
        }
        if (headReceived) {
            receiveTrailers(fields);
            return;
        }
        if (isCut()) {
            return;
        }
        connection.notices.touch(this);
        if (fields.isTooLarge()) {
            cut(Http2Error.CANCEL);
            notifyReset(StreamError.HEAD_TOO_LARGE, "http2.head_too_large");
            return;
        }
        String violation = violation(fields, end);
        if (violation != null) {
            violate(violation);
            return;
        }
        int status = status(fields);
        if (status < 200) {
            receiveInterim(status, fields);
        } else {
            receiveHead(status, fields, end);
        }
    }

    /// What makes a response malformed (RFC 9113, 8.3.2), in snake_case, or null.
    private static @Nullable String violation(DecodedFields block, boolean end) {
        if (block.violation() != null) {
            return block.violation();
        }
        boolean requestField = block.method != null
                || block.path != null
                || block.scheme != null
                || block.authority != null
                || block.protocol != null;
        if (requestField) {
            return "http2.request_pseudo_header";
        }
        int status = status(block);
        if (status < 100 || status == SWITCHING_PROTOCOLS) {
            return "http2.bad_status";
        }
        return status < 200 && end ? "http2.interim_response_ends_stream" : null;
    }

    /// The status, 100 to 999, or -1 if there is none.
    private static int status(DecodedFields block) {
        AsciiString text = block.status();
        if (text == null || text.length() != 3) {
            return -1;
        }
        int status = 0;
        for (int i = 0; i < 3; i++) {
            int digit = text.byteAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            status = 10 * status + digit;
        }
        return status >= 100 ? status : -1;
    }

    private void receiveInterim(int status, DecodedFields fields) {
        if (++interim > MAX_INTERIM) {
            violate("http2.too_many_interim_responses");
        } else if (status != CONTINUE || expectsContinue) {
            try {
                responses.onInformational(status, fields.fields);
            } catch (RuntimeException e) {
                failed(e);
            }
        }
    }

    private void receiveHead(int status, DecodedFields fields, boolean end) {
        headReceived = true;
        if (upgrade && status / 100 == 2) {
            beginTunnel(fields.fields, end);
            return;
        }
        if (upgrade) {
            // Nothing follows the request after all.
            writeData(Unpooled.EMPTY_BUFFER, true);
            flush();
        }
        long length = fields.contentLength;
        if (headRequest || status == NO_CONTENT || status == NOT_MODIFIED) {
            // Here content-length is that of another message (RFC 9110, 8.6).
            length = 0;
        }
        if (end && length > 0) {
            violate("http2.content_length_mismatch");
            return;
        }
        input.declare(length);
        if (end) {
            input.end();
        }
        try {
            responses.onHead(new ResponseHead(status, fields.fields), end);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /// Over HTTP/1.1 this answer is 101, with what the client's key demands.
    private void beginTunnel(Headers fields, boolean end) {
        tunnel = true;
        fields.remove(HeaderNames.CONTENT_LENGTH);
        fields.remove(HeaderNames.SEC_WEBSOCKET_ACCEPT);
        if (key != null) {
            fields.add(HeaderNames.SEC_WEBSOCKET_ACCEPT, WebSocketHandshake.accept(key));
        }
        try {
            responses.onHead(new ResponseHead(SWITCHING_PROTOCOLS, fields), false);
        } catch (RuntimeException e) {
            failed(e);
        }
        if (end && !isCut()) {
            super.receiveData(Unpooled.EMPTY_BUFFER, 0, true);
        }
    }

    @Override
    int receiveData(ByteBuf data, int padding, boolean end) {
        if (!headReceived) {
            violate("http2.data_before_head");
        }
        return super.receiveData(data, padding, end);
    }

    @Override
    boolean isSettled() {
        return isCut() || (input.hasEnded() && (!tunnel || output.hasEnded()));
    }

    @Override
    void bodyTooLarge() {
        // Responses have no bound of their own: they are streamed.
    }

    @Override
    void inputStalled() {
        // The request's own time-outs see to it.
    }
}
