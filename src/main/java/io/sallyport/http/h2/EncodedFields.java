package io.sallyport.http.h2;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import java.util.Iterator;
import java.util.Map.Entry;
import org.jspecify.annotations.Nullable;

/// A header block for the HPACK encoder to walk: pseudo-header fields, then those of a [Headers], none of them copied.
/// Fields that HTTP/2 forbids are passed over. It is its own iterator and entry, so a walk allocates nothing; walk it
/// once
/// at a time.
final class EncodedFields extends FlatHttp2Headers
        implements Iterator<Entry<CharSequence, CharSequence>>, Entry<CharSequence, CharSequence> {
    private static final CharSequence[] NONE = {};
    private static final AsciiString STATUS = PseudoHeaderName.STATUS.value();
    private static final AsciiString METHOD = PseudoHeaderName.METHOD.value();
    private static final AsciiString SCHEME = PseudoHeaderName.SCHEME.value();
    private static final AsciiString AUTHORITY = PseudoHeaderName.AUTHORITY.value();
    private static final AsciiString PATH = PseudoHeaderName.PATH.value();

    /// Names and values in turn.
    private final CharSequence[] pseudo;

    private final Headers fields;
    private final int pseudoCount;
    private int next;
    private CharSequence key = "";
    private CharSequence value = "";

    private EncodedFields(CharSequence[] pseudo, Headers fields) {
        this.pseudo = pseudo;
        this.fields = fields;
        this.pseudoCount = pseudo.length >> 1;
    }

    static EncodedFields request(RequestHead head) {
        CharSequence[] pseudo = head.path.isEmpty()
                ? new CharSequence[] {METHOD, head.method, AUTHORITY, head.authority}
                : new CharSequence[] {
                    METHOD, head.method, SCHEME, head.scheme, AUTHORITY, head.authority, PATH, head.path
                };
        return new EncodedFields(pseudo, head.headers);
    }

    static EncodedFields response(ResponseHead head) {
        return response(head.status, head.headers);
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
        return next < pseudoCount + fields.size();
    }

    @Override
    public Entry<CharSequence, CharSequence> next() {
        if (next < pseudoCount) {
            key = pseudo[2 * next];
            value = pseudo[2 * next + 1];
        } else {
            key = fields.name(next - pseudoCount);
            value = fields.value(next - pseudoCount);
        }
        next++;
        skipForbidden();
        return this;
    }

    private void skipForbidden() {
        for (int i = next - pseudoCount; i >= 0 && i < fields.size(); i++) {
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
        return pseudoCount == 1 ? pseudo[1] : null;
    }

    @Override
    public int size() {
        return pseudoCount + fields.size();
    }

    @Override
    public boolean isEmpty() {
        return size() == 0;
    }
}
