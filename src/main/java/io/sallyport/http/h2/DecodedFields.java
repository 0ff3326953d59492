package io.sallyport.http.h2;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.sallyport.http.ContentLength;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A header block that the HPACK decoder fills field by field. Each is checked as it arrives: the first violation is
/// kept and what follows it dropped, so that the block is still decoded to its end, as HPACK's shared state demands.
final class DecodedFields extends FlatHttp2Headers {
    private static final AsciiString STATUS = PseudoHeaderName.STATUS.value();
    private static final AsciiString METHOD = PseudoHeaderName.METHOD.value();
    private static final AsciiString SCHEME = PseudoHeaderName.SCHEME.value();
    private static final AsciiString AUTHORITY = PseudoHeaderName.AUTHORITY.value();
    private static final AsciiString PATH = PseudoHeaderName.PATH.value();
    private static final AsciiString PROTOCOL = PseudoHeaderName.PROTOCOL.value();

    static final long ABSENT = -1;

    final Headers fields;

    @Nullable
    AsciiString method;

    @Nullable
    AsciiString scheme;

    @Nullable
    AsciiString authority;

    @Nullable
    AsciiString path;

    @Nullable
    AsciiString protocol;

    @Nullable
    AsciiString host;

    @Nullable
    AsciiString expect;

    /// The declared length of the body in bytes, or [#ABSENT].
    long contentLength = ABSENT;
    private @Nullable AsciiString status;

    private final int maxBytes;
    private final int maxFields;
    private final boolean underscores;
    private int bytes;
    private int count;
    private boolean tooLarge;
    private boolean anyPseudo;
    private boolean anyRegular;
    private int cookie = -1;
    private @Nullable List<AsciiString> crumbs;
    private @Nullable String violation;

    /// @param store of the connection
    /// @param underscores false to refuse names with `_`, which CGI-like servers take for `-`
    DecodedFields(Headers.Store store, int maxBytes, int maxFields, boolean underscores) {
        this.fields = store.list();
        this.maxBytes = maxBytes;
        this.maxFields = maxFields;
        this.underscores = underscores;
    }

    /// The first violation in the block, in snake_case, or null.
    @Nullable
    String violation() {
        return violation;
    }

    /// More bytes or fields than the limits allow; what is over them is not kept.
    boolean isTooLarge() {
        return tooLarge;
    }

    boolean hasPseudoFields() {
        return anyPseudo;
    }

    @Override
    public @Nullable AsciiString status() {
        return status;
    }

    @Override
    public int size() {
        return fields.size();
    }

    @Override
    public Http2Headers add(CharSequence name, CharSequence value) {
        add((AsciiString) name, (AsciiString) value);
        return this;
    }

    private void add(AsciiString name, AsciiString value) {
        if (violation != null || tooLarge) {
            return;
        }
        if (!name.isEmpty() && name.byteAt(0) == ':') {
            violation = pseudo(name, value);
            return;
        }
        anyRegular = true;
        if (count(name.length(), value)) {
            return;
        }
        AsciiString known = name.isEmpty() ? null : HeaderNames.intern(name);
        if (known == null || !isTakenName(name, known)) {
            violation = "http2.bad_header_name";
        } else if (!FieldSyntax.isValue(value)) {
            violation = "http2.bad_header_value";
        } else {
            violation = regular(known, value);
        }
    }

    /// Counts a field as it would count in HTTP/1.1.
    ///
    /// @return whether it is over a limit
    private boolean count(int nameBytes, AsciiString value) {
        bytes += nameBytes + value.length() + HttpLimits.FIELD_OVERHEAD;
        tooLarge = ++count > maxFields || nameBytes > HttpLimits.NAME_BYTES || bytes > maxBytes || bytes < 0;
        return tooLarge;
    }

    /// The constants for common names need no check.
    @SuppressWarnings("ReferenceEquality")
    private boolean isTakenName(AsciiString name, AsciiString known) {
        return known != name || (isLowerCaseToken(name) && (underscores || name.indexOf('_', 0) < 0));
    }

    private static boolean isLowerCaseToken(AsciiString name) {
        int length = name.length();
        for (int i = 0; i < length; i++) {
            int c = name.byteAt(i);
            if (!FieldSyntax.isTokenChar(c) || (c >= 'A' && c <= 'Z')) {
                return false;
            }
        }
        return length > 0;
    }

    private @Nullable String pseudo(AsciiString name, AsciiString value) {
        if (anyRegular) {
            return "http2.late_pseudo_header";
        }
        anyPseudo = true;
        AsciiString before;
        if (name.equals(METHOD)) {
            before = method;
            method = value;
        } else if (name.equals(PATH)) {
            before = path;
            path = value;
        } else if (name.equals(SCHEME)) {
            before = scheme;
            scheme = value;
        } else if (name.equals(AUTHORITY)) {
            before = authority;
            authority = value;
            count(HeaderNames.HOST.length(), value);
        } else if (name.equals(STATUS)) {
            before = status;
            status = value;
        } else if (name.equals(PROTOCOL)) {
            before = protocol;
            protocol = value;
        } else {
            return "http2.unknown_pseudo_header";
        }
        return before == null ? null : "http2.repeated_pseudo_header";
    }

    /// Takes the field over, or what it means (RFC 9113, 8.2.2 and 8.2.3).
    private @Nullable String regular(AsciiString name, AsciiString value) {
        switch (FieldKind.of(name)) {
            case ORDINARY -> fields.add(name, value);
            case CONNECTION -> {
                return "http2.connection_header";
            }
            case PROXY_AUTHENTICATION -> {}
            case TE -> {
                if (!value.contentEqualsIgnoreCase("trailers")) {
                    return "http2.bad_te";
                }
                fields.add(name, value);
            }
            case HOST -> {
                if (host != null) {
                    return "http2.two_hosts";
                }
                host = value;
            }
            case CONTENT_LENGTH -> {
                if (contentLength != ABSENT) {
                    return "http2.two_content_lengths";
                }
                fields.add(name, value);
                contentLength = ContentLength.canonize(fields, fields.size() - 1);
                if (contentLength < 0) {
                    return "http2.bad_content_length";
                }
            }
            case EXPECT -> {
                if (expect != null) {
                    return "http2.two_expects";
                }
                expect = value;
            }
            case COOKIE -> cookie(name, value);
        }
        return null;
    }

    /// An empty crumb holds no cookie: joined with others it would leave separators that have nothing between them.
    private void cookie(AsciiString name, AsciiString value) {
        if (value.isEmpty()) {
            return;
        }
        if (cookie < 0) {
            cookie = fields.size();
            fields.add(name, value);
            return;
        }
        if (crumbs == null) {
            crumbs = new ArrayList<>();
            crumbs.add(fields.value(cookie));
        }
        crumbs.add(value);
    }

    /// Puts the crumbs of a cookie together (RFC 9113, 8.2.3); to be called once, after the block's last field.
    void joinCookies() {
        if (crumbs == null) {
            return;
        }
        int length = 2 * (crumbs.size() - 1);
        for (AsciiString crumb : crumbs) {
            length += crumb.length();
        }
        byte[] joined = new byte[length];
        int at = 0;
        for (AsciiString crumb : crumbs) {
            if (at > 0) {
                joined[at++] = ';';
                joined[at++] = ' ';
            }
            System.arraycopy(crumb.array(), crumb.arrayOffset(), joined, at, crumb.length());
            at += crumb.length();
        }
        fields.setValue(cookie, new AsciiString(joined, false));
    }
}
