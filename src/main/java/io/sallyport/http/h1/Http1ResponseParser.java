package io.sallyport.http.h1;

import static io.sallyport.http.RequestHead.UNKNOWN_LENGTH;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HopByHop;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import io.sallyport.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads the heads of a connection's responses and how each one's body is delimited (RFC 9112, 6.3).
///
/// The reason phrase of a status line (RFC 9112, 4) means nothing and is skipped. If there is none, the space before it
/// may be missing too, as many servers write it.
final class Http1ResponseParser extends HeadParser {
    private static final AsciiString CHUNKED = AsciiString.cached("chunked");
    private static final byte[] PREFIX = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);
    private static final int STATUS = PREFIX.length + 2;
    private static final int FIXED_BYTES = STATUS + 3;
    private static final int MAX_LINE_BYTES = 4096;

    private int status;
    private HttpVersion version = HttpVersion.HTTP_1_1;
    private long contentLength;
    private boolean persistent;

    Http1ResponseParser(HttpLimits limits) {
        super(FieldParser.ofResponses(limits));
    }

    /// Takes what it needs of the buffer.
    ///
    /// @param method of the request that the response is to: it decides whether a body follows
    /// @return the head, interim ones too, once it is complete, else null
    /// @throws MalformedMessage as [HeadParser#readHead]
    @Nullable
    ResponseHead read(ByteBuf in, String method) {
        Headers headers = readHead(in);
        if (headers == null) {
            return null;
        }
        messageFields.take(headers);
        contentLength = length(method, headers);
        persistent = contentLength != BodyDecoder.UNTIL_CLOSE && messageFields.isPersistent(version);
        return new ResponseHead(status, headers);
    }

    /// Of the head read last: bytes of its body, [io.sallyport.http.RequestHead#UNKNOWN_LENGTH] for chunked, or
    /// [BodyDecoder#UNTIL_CLOSE].
    long contentLength() {
        return contentLength;
    }

    /// Whether the response read last leaves the connection open for another one.
    boolean isPersistent() {
        return persistent;
    }

    /// The protocols in `Upgrade` of the head read last, or null.
    @Nullable
    AsciiString upgrade() {
        return messageFields.upgrade;
    }

    /// Whether `connection` names `upgrade`, as a response that switches must (RFC 9110, 7.8).
    boolean namesUpgrade() {
        return messageFields.has(HopByHop.UPGRADE_OPTION);
    }

    /// Whether the head read last has a field that delimits a body, which a response that switches must not
    /// (RFC 9110, 8.6; RFC 9112, 6.1).
    boolean declaresBody() {
        return messageFields.transferEncoding != null || messageFields.contentLength != MessageFields.ABSENT;
    }

    private long length(String method, Headers headers) {
        AsciiString coding = messageFields.transferEncoding;
        long declared = messageFields.contentLength;
        boolean tunnel = method.equals(Methods.CONNECT) && status / 100 == 2;
        if (status < 200 || status == 204 || tunnel) {
            // Both fields are forbidden there (RFC 9110, 8.6; RFC 9112, 6.1), and mean nothing.
            headers.remove(HeaderNames.CONTENT_LENGTH);
            return 0;
        }
        if (coding != null) {
            if (declared != MessageFields.ABSENT) {
                throw MalformedMessage.badRequest("http1.content_length_with_transfer_encoding");
            }
            if (version == HttpVersion.HTTP_1_0 || !coding.contentEqualsIgnoreCase(CHUNKED)) {
                throw MalformedMessage.badRequest("http1.transfer_encoding");
            }
        }
        if (status == 304 || method.equals(Methods.HEAD)) {
            return 0;
        }
        if (coding != null) {
            return UNKNOWN_LENGTH;
        }
        return declared == MessageFields.ABSENT ? BodyDecoder.UNTIL_CLOSE : declared;
    }

    @Override
    void beginLine() {}

    @Override
    boolean readLine(ByteBuf in) {
        while (!readLine()) {
            if (block.pending() > MAX_LINE_BYTES) {
                throw new MalformedMessage(431, "http1.status_line_too_long");
            }
            if (!block.fill(in)) {
                return false;
            }
        }
        return true;
    }

    private boolean readLine() {
        byte[] array = block.bytes;
        int start = block.position;
        int limit = block.limit;
        checkFixedPart(array, start, Math.min(limit - start, FIXED_BYTES));
        int reason = start + FIXED_BYTES;
        if (limit <= reason) {
            return false;
        }
        if (array[reason] != ' ' && array[reason] != '\r') {
            throw broken();
        }
        int end = FieldSyntax.endOfText(array, reason, limit);
        if (end >= limit - 1) {
            if (end == limit - 1 && array[end] != '\r') {
                throw broken();
            }
            return false;
        }
        if (array[end] != '\r' || array[end + 1] != '\n') {
            throw broken();
        }
        version = array[start + PREFIX.length] == '1' ? HttpVersion.HTTP_1_1 : HttpVersion.HTTP_1_0;
        int at = start + STATUS;
        status = 100 * (array[at] - '0') + 10 * (array[at + 1] - '0') + array[at + 2] - '0';
        block.advance(end + 2);
        return true;
    }

    private static void checkFixedPart(byte[] array, int start, int there) {
        for (int i = 0; i < there; i++) {
            byte b = array[start + i];
            boolean matches;
            if (i < PREFIX.length) {
                matches = b == PREFIX[i];
            } else if (i == PREFIX.length) {
                matches = b == '0' || b == '1';
            } else if (i < STATUS) {
                matches = b == ' ';
            } else {
                matches = b >= (i == STATUS ? '1' : '0') && b <= '9';
            }
            if (!matches) {
                throw broken();
            }
        }
    }

    private static MalformedMessage broken() {
        return MalformedMessage.badRequest("http1.status_line");
    }
}
