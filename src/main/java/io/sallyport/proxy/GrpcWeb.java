package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.base64.Base64;
import io.netty.handler.codec.base64.Base64Dialect;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.net.FieldList;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes gRPC of one request of gRPC-Web, and gRPC-Web of its response (grpc/grpc, PROTOCOL-WEB.md): browsers can
/// neither send gRPC's content type nor read trailers. Trailers become the last frame of the body; the text form is
/// base64. Fields are changed as Envoy's filter `grpc_web` does.
final class GrpcWeb {
    private static final AsciiString GRPC = AsciiString.cached("application/grpc");
    private static final AsciiString BINARY = AsciiString.cached("application/grpc-web");
    private static final AsciiString TEXT = AsciiString.cached("application/grpc-web-text");
    private static final AsciiString PROTO = AsciiString.cached("+proto");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    private static final AsciiString IDENTITY = AsciiString.cached("identity");
    private static final AsciiString GRPC_ACCEPT_ENCODING = AsciiString.cached("grpc-accept-encoding");

    /// The flag of the frame that holds the trailers, uncompressed.
    private static final int TRAILERS_FRAME = 0x80;

    private static final int FRAME_HEAD = 5;

    /// How much of a body that is not gRPC the client gets as `grpc-message`, bytes; Envoy's bound.
    private static final int MAX_TEXT = 16 * 1024;

    private static final byte[] NO_TEXT = {};
    private static final AsciiString NO_LENGTH = AsciiString.cached("0");

    private final boolean textRequest;
    private final boolean textResponse;
    private final Base64Decoder decoder = new Base64Decoder();
    private AsciiString codec;
    private boolean translates;
    /// The head of a response that is not gRPC, until its body is known.
    private @Nullable ResponseHead refused;

    private byte[] text = NO_TEXT;
    private int textLength;

    private GrpcWeb(AsciiString contentType, boolean textRequest, @Nullable CharSequence accept) {
        this.textRequest = textRequest;
        textResponse = accept == null ? textRequest : wantsText(AsciiString.of(accept), textRequest);
        codec = codec(contentType, textRequest ? TEXT : BINARY);
    }

    /// For a request; null where it is not one of gRPC-Web.
    static @Nullable GrpcWeb of(RequestHead head) {
        AsciiString contentType = head.headers.get(HeaderNames.CONTENT_TYPE);
        if (contentType == null) {
            return null;
        }
        boolean text = isMediaType(contentType, TEXT);
        return text || isMediaType(contentType, BINARY)
                ? new GrpcWeb(contentType, text, head.headers.joined(HeaderNames.ACCEPT))
                : null;
    }

    /// The type itself, with a suffix or with parameters.
    private static boolean isMediaType(AsciiString value, AsciiString type) {
        return value.regionMatches(true, 0, type, 0, type.length())
                && (value.length() == type.length()
                        || value.byteAt(type.length()) == '+'
                        || value.byteAt(type.length()) == ';'
                        || value.byteAt(type.length()) == ' ');
    }

    /// The form of the request unless the client names the other one alone.
    private static boolean wantsText(AsciiString accept, boolean textRequest) {
        boolean text = false;
        boolean binary = false;
        FieldList types = FieldList.of(accept);
        while (types.next()) {
            text |= isMediaType(types.element(), TEXT);
            binary |= isMediaType(types.element(), BINARY);
        }
        return text == binary ? textRequest : text;
    }

    /// The codec of a content type, `+proto`; empty where it names none.
    private static AsciiString codec(AsciiString contentType, AsciiString type) {
        int end = type.length();
        if (end == contentType.length() || contentType.byteAt(end) != '+') {
            return AsciiString.EMPTY_STRING;
        }
        while (end < contentType.length() && contentType.byteAt(end) != ';' && contentType.byteAt(end) != ' ') {
            end++;
        }
        return contentType.subSequence(type.length(), end);
    }

    /// Before the route edits it.
    void translate(RequestHead head, boolean end) {
        head.headers.set(HeaderNames.CONTENT_TYPE, GRPC.concat(codec));
        head.headers.set(HeaderNames.TE, TRAILERS);
        if (!head.headers.contains(GRPC_ACCEPT_ENCODING)) {
            // Browsers' clients cannot inflate messages.
            head.headers.add(GRPC_ACCEPT_ENCODING, IDENTITY);
        }
        if (textRequest && !end) {
            head.headers.remove(HeaderNames.CONTENT_LENGTH);
            head.contentLength = RequestHead.UNKNOWN_LENGTH;
        }
    }

    /// A part of the request's body. Takes the buffer over.
    ///
    /// @throws ProxyException 400 where it is no base64
    ByteBuf request(ByteBuf data, boolean end) throws ProxyException {
        if (!textRequest) {
            return data;
        }
        ByteBuf decoded = decoder.decode(data);
        data.release();
        if (decoded == null) {
            throw malformed();
        }
        if (end && decoder.isWithin()) {
            decoded.release();
            throw malformed();
        }
        return decoded;
    }

    /// The request has ended without another part of its body.
    ///
    /// @throws ProxyException 400 where its base64 has not
    void endRequest() throws ProxyException {
        if (decoder.isWithin()) {
            throw malformed();
        }
    }

    private static ProxyException malformed() {
        return ProxyException.downstream(ResponseFlag.DPE, 400, "invalid_base64");
    }

    private AsciiString contentType() {
        return (textResponse ? TEXT : BINARY).concat(codec.isEmpty() ? PROTO : codec);
    }

    /// A response that is not gRPC is kept back: clients of gRPC-Web read their status, not a page.
    ///
    /// @return whether the head is ready; else its body is for [#hold], and [#release] gives the head
    boolean translate(ResponseHead head, boolean end) {
        if (head.status == 101) {
            return true;
        }
        translates = isGrpc(head, end);
        if (translates) {
            head.headers.set(HeaderNames.CONTENT_TYPE, contentType());
            head.headers.remove(HeaderNames.CONTENT_LENGTH);
            return true;
        }
        head.headers.remove(HeaderNames.GRPC_STATUS);
        head.headers.remove(HeaderNames.GRPC_MESSAGE);
        if (end) {
            refuse(head, NO_TEXT);
            return true;
        }
        refused = head;
        text = new byte[MAX_TEXT];
        return false;
    }

    /// Whether the response is gRPC or, already, gRPC-Web in its binary form.
    private boolean isGrpc(ResponseHead head, boolean end) {
        AsciiString contentType = head.headers.get(HeaderNames.CONTENT_TYPE);
        if (contentType != null && head.status == 200) {
            boolean grpc = Routing.isGrpc(contentType);
            if (grpc || isMediaType(contentType, BINARY)) {
                codec = codec(contentType, grpc ? GRPC : BINARY);
                return true;
            }
        }
        return end && head.headers.contains(HeaderNames.GRPC_STATUS);
    }

    /// Makes of a response, the gateway's own or one that is not gRPC, a head that says all; its HTTP status stays.
    void refuse(ResponseHead head, byte[] body) {
        head.headers.set(HeaderNames.CONTENT_TYPE, contentType());
        head.headers.remove(HeaderNames.CONTENT_ENCODING);
        if (LocalReply.declaresLength(head.status)) {
            head.headers.set(HeaderNames.CONTENT_LENGTH, NO_LENGTH);
        }
        LocalReply.setGrpcStatus(head, body);
    }

    boolean holds() {
        return refused != null;
    }

    /// A part of the body of a response that is not gRPC. Takes the buffer over.
    ///
    /// @return whether there is room for more
    boolean hold(ByteBuf data) {
        int taken = Math.min(data.readableBytes(), MAX_TEXT - textLength);
        data.readBytes(text, textLength, taken);
        textLength += taken;
        boolean room = !data.isReadable();
        data.release();
        return room;
    }

    /// The head that was kept back, with what was held of the body as its message.
    ResponseHead release() {
        ResponseHead head = Objects.requireNonNull(refused);
        refused = null;
        refuse(head, Arrays.copyOf(text, textLength));
        return head;
    }

    /// Whether the response's trailers are to be [#frame] instead.
    boolean translates() {
        return translates;
    }

    /// A part of the response's body. Takes the buffer over.
    ByteBuf response(ByteBuf data) {
        if (!translates || !textResponse || !data.isReadable()) {
            return data;
        }
        try {
            // Each part has its own padding, so that no message waits for the next.
            return Base64.encode(
                    data, data.readerIndex(), data.readableBytes(), false, Base64Dialect.STANDARD, data.alloc());
        } finally {
            data.release();
        }
    }

    /// The last frame of the body.
    ByteBuf frame(Headers trailers) {
        ByteBuf frame = ByteBufAllocator.DEFAULT.buffer();
        frame.writeByte(TRAILERS_FRAME).writeInt(0);
        for (int i = 0; i < trailers.size(); i++) {
            frame.writeCharSequence(trailers.name(i), StandardCharsets.US_ASCII);
            frame.writeByte(':');
            frame.writeCharSequence(trailers.value(i), StandardCharsets.ISO_8859_1);
            frame.writeByte('\r').writeByte('\n');
        }
        frame.setInt(1, frame.readableBytes() - FRAME_HEAD);
        return response(frame);
    }
}
