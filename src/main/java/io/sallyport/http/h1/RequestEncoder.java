package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import java.nio.charset.StandardCharsets;

/// Writes one request after the other: `Host` first, then what is forwarded, then how the body is framed.
final class RequestEncoder {
    private static final byte[] VERSION_AND_HOST = ascii(" HTTP/1.1\r\nhost: ");
    private static final byte[] CONTENT_LENGTH = ascii("content-length: ");
    private static final byte[] CHUNKED = ascii("transfer-encoding: chunked\r\n");
    private static final byte[] EXPECT = ascii("expect: 100-continue\r\n");
    private static final byte[] CONNECTION_TE = ascii("connection: te\r\n");
    private static final byte[] CONNECTION_UPGRADE = ascii("connection: upgrade\r\nupgrade: ");

    private final BodyEncoder body = new BodyEncoder();

    /// @param end no body follows, whatever length the head speaks of
    void head(OutputBatch out, RequestHead head, boolean end) {
        boolean connect = head.method.equals(Methods.CONNECT);
        HeadWriter writer = HeadWriter.begin()
                .put(head.method)
                .put(' ')
                .putTarget(connect ? head.authority : head.path)
                .put(VERSION_AND_HOST)
                .putTarget(head.authority)
                .crlf()
                .fields(head.headers);
        if (head.upgrade != null) {
            writer.put(CONNECTION_UPGRADE).put(head.upgrade).crlf();
        } else if (head.headers.contains(HeaderNames.TE)) {
            writer.put(CONNECTION_TE);
        }
        frame(writer, head, end || connect || head.upgrade != null);
        out.head(writer.crlf());
    }

    /// The response switched the connection: what follows is not HTTP.
    void beginRaw() {
        body.beginRaw();
    }

    /// As [BodyEncoder#write].
    boolean data(OutputBatch out, ByteBuf data, boolean end) {
        return body.write(out, data, end);
    }

    /// As [BodyEncoder#writeTrailers].
    boolean trailers(OutputBatch out, Headers trailers) {
        return body.writeTrailers(out, trailers);
    }

    private void frame(HeadWriter writer, RequestHead head, boolean empty) {
        long length = empty ? 0 : head.contentLength;
        if (length < 0) {
            writer.put(CHUNKED);
            body.beginChunked();
        } else {
            body.beginLength(length);
            if (length > 0
                    || Methods.expectsContent(head.method)
                    || head.headers.contains(HeaderNames.CONTENT_LENGTH)) {
                writer.put(CONTENT_LENGTH).putDecimal(length).crlf();
            }
        }
        if (length != 0 && head.expectsContinue) {
            writer.put(EXPECT);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
