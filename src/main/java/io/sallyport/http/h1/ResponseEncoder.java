package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.ContentLength;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Writes one response after the other, framed as client, method and status require (RFC 9112, 6.3).
final class ResponseEncoder {
    private static final byte[] CONNECTION_CLOSE = ascii("connection: close\r\n");
    private static final byte[] CONNECTION_KEEP_ALIVE = ascii("connection: keep-alive\r\n");
    private static final byte[] CONNECTION_UPGRADE = ascii("connection: upgrade\r\nupgrade: ");
    private static final byte[] CHUNKED = ascii("transfer-encoding: chunked\r\n");
    private static final byte[] CONTENT_LENGTH = ascii("content-length: ");

    private final BodyEncoder body = new BodyEncoder();
    private boolean http10;
    private String method = "";
    private @Nullable String upgrade;

    private boolean raw;
    private boolean delimitedByClose;

    /// The next response answers this request.
    ///
    /// @param request what is known of it, or null
    void begin(@Nullable RequestHead request) {
        http10 = request != null && request.version == HttpVersion.HTTP_1_0;
        method = request == null ? "" : request.method;
        upgrade = request == null ? null : request.upgrade;
        raw = false;
        delimitedByClose = false;
    }

    boolean isConnect() {
        return method.equals(Methods.CONNECT);
    }

    /// False if the status is none, or not one for this client.
    boolean informational(OutputBatch out, int status, Headers headers) {
        if (http10 || status < 100 || status > 199 || status == 101) {
            return false;
        }
        out.head(HeadWriter.begin()
                .put(ReasonPhrases.statusLine(status))
                .fields(headers)
                .crlf());
        return true;
    }

    /// Writes the head, with what delimits the body.
    ///
    /// @param close the connection ends after this response
    /// @return whether the connection ends after this response, which the framing may need too
    /// @throws IllegalArgumentException for a status that does not answer this request
    boolean head(OutputBatch out, ResponseHead head, boolean end, boolean close) {
        int status = head.status;
        raw = status == 101 ? upgrade != null : isConnect() && status / 100 == 2;
        if (status > 999 || (status < 200 && !raw)) {
            throw new IllegalArgumentException("Status " + status + " does not answer this request");
        }
        HeadWriter writer =
                HeadWriter.begin().put(ReasonPhrases.statusLine(status)).fields(head.headers);
        boolean last = close || isConnect();
        if (raw) {
            body.beginRaw();
            if (upgrade != null) {
                writer.put(CONNECTION_UPGRADE).put(upgrade).crlf();
            }
        } else {
            frame(writer, head, end);
            last |= delimitedByClose;
            if (last) {
                writer.put(CONNECTION_CLOSE);
            } else if (http10) {
                writer.put(CONNECTION_KEEP_ALIVE);
            }
        }
        out.head(writer.crlf());
        return last;
    }

    /// From here on both directions carry bytes that are not HTTP.
    boolean isRaw() {
        return raw;
    }

    /// Only closing the connection ends what is sent, so that closing it early must look different.
    boolean isDelimitedByClose() {
        return delimitedByClose || raw;
    }

    /// As [BodyEncoder#write].
    boolean data(OutputBatch out, ByteBuf data, boolean end) {
        return body.write(out, data, end);
    }

    /// As [BodyEncoder#writeTrailers].
    boolean trailers(OutputBatch out, Headers trailers) {
        return body.writeTrailers(out, trailers);
    }

    private void frame(HeadWriter writer, ResponseHead head, boolean end) {
        int declared = head.headers.indexOf(HeaderNames.CONTENT_LENGTH, 0);
        long length = declared < 0 ? -1 : ContentLength.parse(head.headers, declared);
        boolean none = head.status == 204 || head.status == 304 || method.equals(Methods.HEAD);
        if (none) {
            body.beginNone();
            if (head.status == 204) {
                return;
            }
        } else if (length >= 0 || end) {
            length = Math.max(length, 0);
            body.beginLength(length);
        } else if (http10) {
            delimitedByClose = true;
            body.beginRaw();
        } else {
            writer.put(CHUNKED);
            body.beginChunked();
        }
        if (length >= 0) {
            writer.put(CONTENT_LENGTH).putDecimal(length).crlf();
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
