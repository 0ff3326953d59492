package io.sallyport.http.h1;

import static io.sallyport.http.RequestHead.UNKNOWN_LENGTH;

import io.netty.util.AsciiString;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HopByHop;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.net.FieldList;

/// Decides what a request's head means: how long its body is, whether the connection stays, what the client asks for.
final class RequestFraming {
    private static final AsciiString CHUNKED = AsciiString.cached("chunked");
    private static final AsciiString CONTINUE = AsciiString.cached("100-continue");

    private RequestFraming() {}

    /// Fills in length, upgrade and expectation (RFC 9112, 6.3; RFC 9110, 7.8 and 10.1.1).
    static void apply(RequestHead head, MessageFields fields) {
        head.contentLength = length(head, fields);
        if (fields.expect != null) {
            expect(head, fields.expect);
        }
        if (fields.upgrade != null) {
            upgrade(head, fields.upgrade, fields.has(HopByHop.UPGRADE_OPTION));
        }
    }

    private static long length(RequestHead head, MessageFields fields) {
        AsciiString coding = fields.transferEncoding;
        if (coding == null) {
            long length = Math.max(fields.contentLength, 0);
            if (length > 0 && head.method.equals(Methods.CONNECT)) {
                throw MalformedMessage.badRequest("http1.connect_with_content");
            }
            return length;
        }
        if (fields.contentLength != MessageFields.ABSENT) {
            throw MalformedMessage.badRequest("http1.content_length_with_transfer_encoding");
        }
        if (head.version == HttpVersion.HTTP_1_0 || head.method.equals(Methods.CONNECT)) {
            throw MalformedMessage.badRequest("http1.transfer_encoding_not_allowed");
        }
        if (!coding.contentEqualsIgnoreCase(CHUNKED)) {
            throw isCodingList(coding)
                    ? new MalformedMessage(501, "http1.transfer_encoding_not_implemented")
                    : MalformedMessage.badRequest("http1.transfer_encoding");
        }
        return UNKNOWN_LENGTH;
    }

    /// Well formed, with `chunked` at the end and only there: a request that could be framed, by someone else.
    private static boolean isCodingList(AsciiString text) {
        boolean chunked = false;
        FieldList codings = FieldList.of(text);
        while (codings.next()) {
            if (chunked || !FieldSyntax.isToken(codings.element())) {
                return false;
            }
            chunked = codings.element().contentEqualsIgnoreCase(CHUNKED);
        }
        return chunked;
    }

    private static void expect(RequestHead head, AsciiString expectation) {
        if (!expectation.contentEqualsIgnoreCase(CONTINUE)) {
            throw new MalformedMessage(417, "http1.expectation");
        }
        head.expectsContinue = head.version == HttpVersion.HTTP_1_1 && head.contentLength != 0;
    }

    /// The first protocol asked for, `websocket` before others. HTTP/2 and TLS are never switched to, and a request
    /// with content does not switch (a server may ignore `Upgrade`; RFC 9110, 7.8).
    /// CONNECT switches in its own way.
    private static void upgrade(RequestHead head, AsciiString protocols, boolean named) {
        String chosen = null;
        FieldList list = FieldList.of(protocols);
        while (list.next()) {
            String text = list.element().toLowerCase().toString();
            if (!isProtocol(text)) {
                throw MalformedMessage.badRequest("http1.upgrade");
            }
            boolean ignored = text.startsWith("h2c") || text.startsWith("http/") || text.startsWith("tls/");
            if (!ignored && (chosen == null || text.equals("websocket"))) {
                chosen = text;
            }
        }
        boolean able = head.version == HttpVersion.HTTP_1_1 && !head.method.equals(Methods.CONNECT);
        if (named && able && head.contentLength == 0) {
            head.upgrade = chosen;
        }
    }

    /// A token, or two with a slash between (RFC 9110, 7.8).
    private static boolean isProtocol(String text) {
        int slash = text.indexOf('/');
        return slash < 0
                ? FieldSyntax.isToken(text)
                : FieldSyntax.isToken(text.substring(0, slash)) && FieldSyntax.isToken(text.substring(slash + 1));
    }
}
