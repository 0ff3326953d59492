package io.sallyport.http.h2;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import org.jspecify.annotations.Nullable;

/// A header block for the [HpackEncoder]: pseudo-header fields, then those of a [Headers], of which it skips what
/// HTTP/2 forbids.
final class EncodedFields extends FlatHttp2Headers {
    private static final CharSequence[] NONE = {};
    private static final AsciiString STATUS = PseudoHeaderName.STATUS.value();
    private static final AsciiString METHOD = PseudoHeaderName.METHOD.value();
    private static final AsciiString SCHEME = PseudoHeaderName.SCHEME.value();
    private static final AsciiString AUTHORITY = PseudoHeaderName.AUTHORITY.value();
    private static final AsciiString CONTINUE = AsciiString.cached("100-continue");
    private static final AsciiString PATH = PseudoHeaderName.PATH.value();
    private static final AsciiString PROTOCOL = PseudoHeaderName.PROTOCOL.value();

    /// The pseudo-header fields, names and values in turn.
    private final CharSequence[] first;

    private final Headers fields;

    private EncodedFields(CharSequence[] first, Headers fields) {
        this.first = first;
        this.fields = fields;
    }

    static EncodedFields request(RequestHead head, boolean end) {
        boolean whole = !head.path.isEmpty();
        boolean expects = head.expectsContinue && !end;
        CharSequence[] first = new CharSequence[(whole ? 8 : 4) + (expects ? 2 : 0)];
        int at = put(first, 0, METHOD, head.method);
        if (whole) {
            at = put(first, at, SCHEME, head.scheme);
            at = put(first, at, PATH, head.path);
        }
        at = put(first, at, AUTHORITY, head.authority);
        if (expects) {
            put(first, at, HeaderNames.EXPECT, CONTINUE);
        }
        return new EncodedFields(first, head.headers);
    }

    /// The extended CONNECT by which a request to switch protocols travels (RFC 8441, 4). Neither the key of HTTP/1.1
    /// nor a length goes with it.
    static EncodedFields extendedConnect(RequestHead head, String protocol) {
        CharSequence[] first = new CharSequence[10];
        int at = put(first, 0, METHOD, Methods.CONNECT);
        at = put(first, at, PROTOCOL, protocol);
        at = put(first, at, SCHEME, head.scheme);
        at = put(first, at, PATH, head.path);
        put(first, at, AUTHORITY, head.authority);
        Headers fields = head.headers.copy();
        fields.remove(HeaderNames.SEC_WEBSOCKET_KEY);
        fields.remove(HeaderNames.CONTENT_LENGTH);
        return new EncodedFields(first, fields);
    }

    private static int put(CharSequence[] fields, int at, CharSequence name, CharSequence value) {
        fields[at] = name;
        fields[at + 1] = value;
        return at + 2;
    }

    static EncodedFields response(int status, Headers fields) {
        CharSequence text = HttpResponseStatus.valueOf(status).codeAsText();
        return new EncodedFields(new CharSequence[] {STATUS, text}, fields);
    }

    static EncodedFields trailers(Headers fields) {
        return new EncodedFields(NONE, fields);
    }

    CharSequence[] first() {
        return first;
    }

    Headers fields() {
        return fields;
    }

    /// As a peer counts it.
    long listSize() {
        long size = 0;
        for (int i = 0; i < first.length; i += 2) {
            size += first[i].length() + first[i + 1].length() + DynamicTable.ENTRY_OVERHEAD;
        }
        for (int i = 0; i < fields.size(); i++) {
            if (FieldKind.isSendable(fields, i)) {
                size += fields.name(i).length() + fields.valueLength(i) + DynamicTable.ENTRY_OVERHEAD;
            }
        }
        return size;
    }

    @Override
    public @Nullable CharSequence status() {
        return first.length == 2 ? first[1] : null;
    }

    @Override
    public int size() {
        return (first.length >> 1) + fields.size();
    }

    @Override
    public boolean isEmpty() {
        return size() == 0;
    }
}
