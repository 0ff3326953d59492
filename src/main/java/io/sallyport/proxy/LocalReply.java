package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.DirectResponse;
import io.sallyport.route.HeaderOps;
import io.sallyport.route.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Responses that the gateway gives itself. The one place that turns a [ProxyException] into a response.
final class LocalReply {
    /// Bytes of `grpc-message`: clients take 8 KiB of header fields, and an authorizer may answer with a page.
    private static final int LONGEST_MESSAGE = 1024;

    private static final AsciiString TEXT_PLAIN = AsciiString.cached("text/plain");
    private static final AsciiString GRPC = AsciiString.cached("application/grpc");

    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final AsciiString TRUE = AsciiString.cached("true");
    private static final AsciiString DEADLINE_EXCEEDED = AsciiString.cached("4");

    /// The details where it was the caller that would wait no longer: gRPC has a status for that alone.
    static final String CALLER_DEADLINE = "grpc_timeout_reached";

    private LocalReply() {}

    /// The response to a failure: status, a line of text, and the flag's header where configured.
    static ResponseHead head(ProxyException failure, @Nullable AsciiString flagHeader) {
        Headers headers = new Headers(8);
        if (flagHeader != null) {
            headers.add(flagHeader, failure.flag().name());
        }
        if (failure.flag() == ResponseFlag.UO) {
            // Envoy's word to clients that trying again will not help.
            headers.add(HeaderNames.X_ENVOY_OVERLOADED, TRUE);
        }
        if (failure.details().equals(CALLER_DEADLINE)) {
            headers.add(HeaderNames.GRPC_STATUS, DEADLINE_EXCEEDED);
        }
        return new ResponseHead(failure.status(), headers);
    }

    static ResponseHead head(Redirect redirect, String location, HeaderOps.Editor<Headers> editor) {
        ResponseHead response = new ResponseHead(redirect.status(), new Headers(8));
        response.headers.add(HeaderNames.LOCATION, location);
        redirect.responseHeaders().apply(response.headers, editor);
        return response;
    }

    static ResponseHead head(DirectResponse direct, HeaderOps.Editor<Headers> editor) {
        ResponseHead response = new ResponseHead(direct.status(), new Headers(8));
        direct.responseHeaders().apply(response.headers, editor);
        return response;
    }

    /// What the client reads: for policy exactly Envoy's sentence, else the reason that the access log has too. What
    /// explains a denial can be appended to a list in YAML as it is: where it is no document it is a comment.
    static String body(ProxyException failure) {
        String explanation = failure.explanation();
        if (explanation != null) {
            boolean document = explanation.isEmpty() || explanation.startsWith("#");
            return document ? explanation : comment(explanation);
        }
        return switch (failure.flag()) {
            case RBAC -> "RBAC: access denied";
            case UH -> "no healthy upstream";
            case UAEX -> "";
            default -> failure.details();
        };
    }

    private static String comment(String text) {
        StringBuilder comment = new StringBuilder();
        text.lines().forEach(line -> comment.append("# ").append(line).append('\n'));
        return comment.toString();
    }

    /// Writes and flushes the whole response. A gRPC client gets its status in a head without a body, because it would
    /// take a bare HTTP status for an unknown error.
    ///
    /// @param grpc the client speaks gRPC, not gRPC-Web
    /// @return bytes of body written
    static int write(ServerStream stream, ResponseHead head, byte[] body, boolean headRequest, boolean grpc) {
        if (grpc) {
            return writeGrpc(stream, head, body);
        }
        int length = DirectResponse.hasContent(head.status) ? body.length : 0;
        if (length > 0 && !head.headers.contains(HeaderNames.CONTENT_TYPE)) {
            head.headers.add(HeaderNames.CONTENT_TYPE, TEXT_PLAIN);
        }
        if (declaresLength(head.status)) {
            head.headers.set(HeaderNames.CONTENT_LENGTH, Integer.toString(length));
        }
        boolean bodiless = headRequest || length == 0;
        stream.writeHead(head, bodiless);
        if (!bodiless) {
            ByteBuf data = Unpooled.wrappedBuffer(body);
            stream.writeData(data, true);
        }
        stream.flush();
        return bodiless ? 0 : length;
    }

    private static int writeGrpc(ServerStream stream, ResponseHead head, byte[] body) {
        head.headers.set(HeaderNames.CONTENT_TYPE, GRPC);
        setGrpcStatus(head, body.length > LONGEST_MESSAGE ? Arrays.copyOf(body, LONGEST_MESSAGE) : body);
        head.status = 200;
        stream.writeHead(head, true);
        stream.flush();
        return 0;
    }

    /// Says in gRPC's fields what status and body say.
    static void setGrpcStatus(ResponseHead head, byte[] body) {
        if (!head.headers.contains(HeaderNames.GRPC_STATUS)) {
            head.headers.add(HeaderNames.GRPC_STATUS, Integer.toString(grpcStatus(head.status)));
        }
        if (body.length > 0) {
            head.headers.set(HeaderNames.GRPC_MESSAGE, percentEncoded(body));
        }
    }

    /// What ends a gRPC response that the deadline cuts after its head was sent.
    static Headers deadlineTrailers(String details) {
        Headers trailers = new Headers(2);
        trailers.add(HeaderNames.GRPC_STATUS, DEADLINE_EXCEEDED);
        trailers.add(HeaderNames.GRPC_MESSAGE, percentEncoded(details.getBytes(StandardCharsets.UTF_8)));
        return trailers;
    }

    /// Whether a response with the status says how long its content is. A 205 says that it has none, or a client would
    /// read it until the connection ends (RFC 9110, 8.6 and 15.3.6).
    static boolean declaresLength(int status) {
        return status == 205 || DirectResponse.hasContent(status);
    }

    /// The mapping of the gRPC project's http-grpc-status-mapping.
    static int grpcStatus(int httpStatus) {
        return switch (httpStatus) {
            case 400 -> 13;
            case 401 -> 16;
            case 403 -> 7;
            case 404 -> 12;
            case 429, 502, 503, 504 -> 14;
            default -> 2;
        };
    }

    /// `grpc-message` is percent-encoded (gRPC over HTTP/2, Responses): all but printable ASCII and the percent sign.
    /// Blanks at either end, too, for they are no part of a field's value.
    private static AsciiString percentEncoded(byte[] text) {
        byte[] encoded = new byte[3 * text.length];
        int length = 0;
        for (int i = 0; i < text.length; i++) {
            byte b = text[i];
            boolean atEnd = i == 0 || i == text.length - 1;
            if (b > ' ' && b <= '~' && b != '%' || b == ' ' && !atEnd) {
                encoded[length++] = b;
            } else {
                encoded[length++] = '%';
                encoded[length++] = (byte) HEX.toHighHexDigit(b);
                encoded[length++] = (byte) HEX.toLowHexDigit(b);
            }
        }
        return new AsciiString(encoded, 0, length, true);
    }
}
