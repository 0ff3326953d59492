package io.sallyport.http.grpc;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.net.PercentEncoding;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// How a gRPC call ended (gRPC over HTTP/2, Responses; `google.rpc.Code`).
///
/// @param code [#OK] to [#UNAUTHENTICATED]; [#UNKNOWN] stands for all other numbers
/// @param message for people, at most [#LONGEST_MESSAGE] characters, without control characters
/// @param said the service itself has said so, by a `grpc-status` of a response of gRPC's; otherwise the code is
///     how this side, or HTTP's status, puts it
/// @param cause of a call that the peer did not end itself, such as a connection that could not be made; else null
public record GrpcResult(
        int code, String message, boolean said, @Nullable Exception cause) {
    public static final int OK = 0;
    public static final int CANCELLED = 1;
    public static final int UNKNOWN = 2;
    public static final int INVALID_ARGUMENT = 3;
    public static final int DEADLINE_EXCEEDED = 4;
    public static final int PERMISSION_DENIED = 7;
    public static final int RESOURCE_EXHAUSTED = 8;
    public static final int UNIMPLEMENTED = 12;
    public static final int INTERNAL = 13;
    public static final int UNAVAILABLE = 14;
    public static final int UNAUTHENTICATED = 16;

    /// Of a peer's message; the rest is dropped.
    public static final int LONGEST_MESSAGE = 1024;

    public GrpcResult(int code, String message) {
        this(code, message, false, null);
    }

    public boolean isOk() {
        return code == OK;
    }

    /// What a response's trailers, or its head where nothing follows, say.
    ///
    /// @return null where they have no `grpc-status`
    public static @Nullable GrpcResult of(Headers fields) {
        AsciiString status = fields.get(HeaderNames.GRPC_STATUS);
        if (status == null) {
            return null;
        }
        int number = number(status);
        AsciiString message = fields.get(HeaderNames.GRPC_MESSAGE);
        return new GrpcResult(
                number < 0 || number > UNAUTHENTICATED ? UNKNOWN : number,
                message == null ? "" : decode(message),
                true,
                null);
    }

    /// Of a response that is none of gRPC's (gRPC, HTTP to gRPC Status Code Mapping).
    public static GrpcResult ofHttp(int status) {
        int code =
                switch (status) {
                    case 400 -> INTERNAL;
                    case 401 -> UNAUTHENTICATED;
                    case 403 -> PERMISSION_DENIED;
                    case 404 -> UNIMPLEMENTED;
                    case 429, 502, 503, 504 -> UNAVAILABLE;
                    default -> UNKNOWN;
                };
        return new GrpcResult(code, status == 200 ? "no grpc-status" : "HTTP status " + status);
    }

    /// @return -1 where it is no number of at most two digits
    public static int number(AsciiString value) {
        int number = 0;
        for (int i = 0; i < value.length(); i++) {
            int digit = value.byteAt(i) - '0';
            if (digit < 0 || digit > 9 || i > 1) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return value.isEmpty() ? -1 : number;
    }

    /// `grpc-message` is UTF-8 in percent-encoding; what is not well-formed stays as it is.
    static String decode(AsciiString value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(value.length());
        int at = 0;
        while (at < value.length()) {
            int octet = PercentEncoding.octet(value, at);
            bytes.write(octet < 0 ? value.byteAt(at) : octet);
            at += octet < 0 ? 1 : PercentEncoding.LENGTH;
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        int length = Math.min(text.length(), LONGEST_MESSAGE);
        StringBuilder shown = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            shown.append(Character.isISOControl(text.charAt(i)) ? ' ' : text.charAt(i));
        }
        return shown.toString();
    }

    @Override
    public String toString() {
        return message.isEmpty() ? name() : name() + ": " + message;
    }

    private String name() {
        return switch (code) {
            case OK -> "OK";
            case CANCELLED -> "CANCELLED";
            case UNKNOWN -> "UNKNOWN";
            case INVALID_ARGUMENT -> "INVALID_ARGUMENT";
            case DEADLINE_EXCEEDED -> "DEADLINE_EXCEEDED";
            case PERMISSION_DENIED -> "PERMISSION_DENIED";
            case RESOURCE_EXHAUSTED -> "RESOURCE_EXHAUSTED";
            case UNIMPLEMENTED -> "UNIMPLEMENTED";
            case INTERNAL -> "INTERNAL";
            case UNAVAILABLE -> "UNAVAILABLE";
            case UNAUTHENTICATED -> "UNAUTHENTICATED";
            default -> "status " + code;
        };
    }
}
