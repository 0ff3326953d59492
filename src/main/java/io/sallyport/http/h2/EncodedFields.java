package io.sallyport.http.h2;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import java.util.Iterator;
import java.util.Map.Entry;
import org.jspecify.annotations.Nullable;

/// A header block for the HPACK encoder to walk: pseudo-header fields, then those of a [Headers], none of them copied.
/// Fields that HTTP/2 forbids are skipped. It is its own iterator and entry, so a walk allocates nothing; walk it
/// once at a time.
final class EncodedFields extends FlatHttp2Headers
        implements Iterator<Entry<CharSequence, CharSequence>>, Entry<CharSequence, CharSequence> {
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
    private final int firstCount;
    private int next;
    private CharSequence key = "";
    private CharSequence value = "";

    private EncodedFields(CharSequence[] first, Headers fields) {
        this.first = first;
        this.fields = fields;
        this.firstCount = first.length >> 1;
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

    @Override
    public Iterator<Entry<CharSequence, CharSequence>> iterator() {
        next = 0;
        skipForbidden();
        return this;
    }

    @Override
    public boolean hasNext() {
        return next < firstCount + fields.size();
    }

    @Override
    public Entry<CharSequence, CharSequence> next() {
        if (next < firstCount) {
            key = first[2 * next];
            value = first[2 * next + 1];
        } else {
            key = fields.name(next - firstCount);
            value = fields.value(next - firstCount);
        }
        next++;
        skipForbidden();
        return this;
    }

    private void skipForbidden() {
        for (int i = next - firstCount; i >= 0 && i < fields.size(); i++) {
            if (FieldKind.isSendable(fields.name(i), fields.value(i))) {
                return;
            }
            next++;
        }
    }

    @Override
    public CharSequence getKey() {
        return key;
    }

    @Override
    public CharSequence getValue() {
        return value;
    }

    @Override
    public CharSequence setValue(CharSequence replacement) {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable CharSequence status() {
        return first.length == 2 ? first[1] : null;
    }

    @Override
    public int size() {
        return firstCount + fields.size();
    }

    @Override
    public boolean isEmpty() {
        return size() == 0;
    }
}
