package io.sallyport.http.h1;

import static io.sallyport.http.RequestHead.UNKNOWN_LENGTH;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HopByHop;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import io.sallyport.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/// Reads the heads of a connection's responses and how each one's body is delimited (RFC 9112, 6.3).
final class Http1ResponseParser {
    /// [#contentLength()]: until the connection closes.
    static final long UNTIL_CLOSE = -2;

    private static final AsciiString CHUNKED = AsciiString.cached("chunked");

    private final HeadBlock block = new HeadBlock();
    private final StatusLineParser line = new StatusLineParser();
    private final FieldParser fields;
    private final MessageFields messageFields = new MessageFields();

    private boolean started;
    private @Nullable Headers headers;
    private long contentLength;
    private boolean persistent;

    Http1ResponseParser(HttpLimits limits) {
        fields = FieldParser.ofResponses(limits);
    }

    /// Takes what it needs of the buffer.
    ///
    /// @param method of the request that the response is to: it decides whether a body follows
    /// @return the head, interim ones too, once it is complete, else null
    /// @throws MalformedMessage if the bytes so far cannot become a response to forward
    @Nullable
    ResponseHead read(ByteBuf in, String method) {
        started = true;
        Headers into = headers;
        if (into == null) {
            if (!line.parse(block, in)) {
                return null;
            }
            into = new Headers();
            headers = into;
            fields.begin(into);
        }
        if (!fields.parse(block, in)) {
            return null;
        }
        block.finish(in);
        started = false;
        headers = null;
        messageFields.take(into);
        contentLength = length(method, into);
        persistent = contentLength != UNTIL_CLOSE
                && !messageFields.has(HopByHop.CLOSE)
                && (line.version == HttpVersion.HTTP_1_1 || messageFields.has(HopByHop.KEEP_ALIVE_OPTION));
        return new ResponseHead(line.status, into);
    }

    /// True between the first byte of a head and its last.
    boolean isStarted() {
        return started;
    }

    /// Of the head read last: bytes of its body, [io.sallyport.http.RequestHead#UNKNOWN_LENGTH] for chunked, or
    /// [#UNTIL_CLOSE].
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

    private long length(String method, Headers into) {
        AsciiString coding = messageFields.transferEncoding;
        long declared = messageFields.contentLength;
        int status = line.status;
        boolean tunnel = method.equals(Methods.CONNECT) && status / 100 == 2;
        if (status < 200 || status == 204 || tunnel) {
            // Both fields are forbidden there (RFC 9110, 8.6; RFC 9112, 6.1), and mean nothing.
            into.remove(HeaderNames.CONTENT_LENGTH);
            return 0;
        }
        if (coding != null) {
            if (declared != MessageFields.ABSENT) {
                throw MalformedMessage.badRequest("http1.content_length_with_transfer_encoding");
            }
            if (line.version == HttpVersion.HTTP_1_0 || !coding.contentEqualsIgnoreCase(CHUNKED)) {
                throw MalformedMessage.badRequest("http1.transfer_encoding");
            }
        }
        if (status == 304 || method.equals(Methods.HEAD)) {
            return 0;
        }
        if (coding != null) {
            return UNKNOWN_LENGTH;
        }
        return declared == MessageFields.ABSENT ? UNTIL_CLOSE : declared;
    }
}
