package io.sallyport.http.h2;

import static io.netty.handler.codec.http2.Http2Error.PROTOCOL_ERROR;
import static io.netty.handler.codec.http2.Http2Exception.connectionError;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/// Writes the header blocks of one connection (RFC 7541). Fields are compared and copied as the bytes that they
/// are; texts are not compressed by Huffman's code, which takes more time than it saves on the way.
///
/// What is worth guessing is never put into the table that the connection's users share (RFC 7541, 7.1.3), nor is
/// what differs from one message to the next, which would only push out the rest.
final class HpackEncoder implements Http2HeadersEncoder, Http2HeadersEncoder.Configuration {
    /// Shorter cookies can be guessed by observing how well they compress.
    private static final int GUESSABLE_COOKIE = 20;
    /// Of the table's bytes, the share that one field may take: a larger one would push out too many others.
    private static final int LARGEST_SHARE = 4;
    private static final byte[] NONE = {};
    private static final int FIRST_BYTES = 4 * 1024;
    private static final int MOST_KEPT_BYTES = 64 * 1024;
    private static final int MOST_OF_INTEGER = 6;

    // The first byte of each representation (RFC 7541, 6), and how many of its bits are the integer's.
    private static final int INDEXED = 0x80;
    private static final int INDEXED_BITS = 7;
    private static final int ADDED = 0x40;
    private static final int ADDED_BITS = 6;
    private static final int TABLE_SIZE = 0x20;
    private static final int TABLE_SIZE_BITS = 5;
    private static final int NEVER = 0x10;
    private static final int NOT_ADDED = 0x00;
    private static final int LITERAL_BITS = 4;

    private static final Set<AsciiString> VARYING = varying(
            ":path",
            "age",
            "b3",
            "content-length",
            "content-range",
            "etag",
            "grpc-timeout",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "last-modified",
            "location",
            "range",
            "sec-websocket-accept",
            "sec-websocket-key",
            "traceparent",
            "tracestate",
            "x-amzn-trace-id",
            "x-b3-parentspanid",
            "x-b3-spanid",
            "x-b3-traceid",
            "x-cloud-trace-context",
            "x-envoy-upstream-service-time",
            "x-envoy-original-path",
            "x-request-id");

    /// The same by the static table's index.
    private static final boolean[] VARYING_INDEX = new boolean[StaticTable.SIZE + 1];

    static {
        for (AsciiString name : VARYING) {
            VARYING_INDEX[StaticTable.name(name)] = true;
        }
    }

    /// One block at a time is written on an event loop.
    private static final FastThreadLocal<byte[][]> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected byte[][] initialValue() {
            return new byte[][] {new byte[FIRST_BYTES]};
        }
    };

    private final boolean respectsListLimit;
    private final DynamicTable table = new DynamicTable();
    /// While a block is written, else empty.
    private byte[] bytes = NONE;
    private int length;
    private long listLimit = Http2CodecUtil.MAX_HEADER_LIST_SIZE;
    /// The peer has changed the table's size since the last block: the smallest meanwhile, or -1.
    private long smallest = -1;

    /// @param respectsListLimit refuses a block over what the peer has announced
    HpackEncoder(boolean respectsListLimit) {
        this.respectsListLimit = respectsListLimit;
    }

    /// @throws Http2Exception if the list is over the peer's limit; nothing is written then
    @Override
    public void encodeHeaders(int streamId, Http2Headers headers, ByteBuf to) throws Http2Exception {
        EncodedFields block = (EncodedFields) headers;
        if (respectsListLimit && block.listSize() > listLimit) {
            Http2CodecUtil.headerListSizeExceeded(streamId, listLimit, false);
        }
        byte[][] scratch = SCRATCH.get();
        bytes = scratch[0];
        length = 0;
        writeTableSize();
        CharSequence[] first = block.first();
        for (int i = 0; i < first.length; i += 2) {
            CharSequence value = first[i + 1];
            int size = value.length();
            reserve((AsciiString) first[i], size);
            copy(value, bytes.length - size);
            encode((AsciiString) first[i], size);
        }
        Headers fields = block.fields();
        int count = fields.size();
        for (int i = 0; i < count; i++) {
            AsciiString name = fields.name(i);
            if (FieldKind.isSendable(fields, i)) {
                int size = fields.valueLength(i);
                reserve(name, size);
                fields.copyValue(i, bytes, bytes.length - size);
                encode(name, size);
            }
        }
        to.writeBytes(bytes, 0, length);
        if (bytes.length <= MOST_KEPT_BYTES) {
            scratch[0] = bytes;
        }
        bytes = NONE;
    }

    private static Set<AsciiString> varying(String... names) {
        return Arrays.stream(names).map(AsciiString::cached).collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isVarying(int known, AsciiString name) {
        return known > 0 ? VARYING_INDEX[known] : VARYING.contains(name);
    }

    /// Makes room for a field, and for its value a second time, at the end of the array.
    private void reserve(AsciiString name, int size) {
        int most = length + 3 * MOST_OF_INTEGER + name.length() + 2 * size;
        if (most > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(most, 2 * bytes.length));
        }
    }

    /// What is not Latin-1 becomes a question mark.
    private void copy(CharSequence value, int at) {
        if (value instanceof AsciiString ascii) {
            System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, at, ascii.length());
            return;
        }
        for (int i = 0; i < value.length(); i++) {
            bytes[at + i] = AsciiString.c2b(value.charAt(i));
        }
    }

    /// Writes a field whose value is at the end of the array.
    private void encode(AsciiString name, int size) {
        int from = bytes.length - size;
        int known = StaticTable.name(name);
        if (isSecret(name, size)) {
            literal(NEVER, LITERAL_BITS, nameIndex(known, name), name, size);
            return;
        }
        int index = known == 0 ? 0 : StaticTable.field(known, bytes, from, bytes.length);
        if (index > 0) {
            integer(INDEXED, INDEXED_BITS, index);
            return;
        }
        if (isVarying(known, name)) {
            literal(NOT_ADDED, LITERAL_BITS, known, name, size);
            return;
        }
        int hash = DynamicTable.hash(name, bytes, from, bytes.length);
        index = table.field(name, hash, bytes, from, bytes.length);
        if (index > 0) {
            integer(INDEXED, INDEXED_BITS, StaticTable.SIZE + index);
            return;
        }
        int entry = name.length() + size + DynamicTable.ENTRY_OVERHEAD;
        if (entry > table.capacity() / LARGEST_SHARE) {
            literal(NOT_ADDED, LITERAL_BITS, nameIndex(known, name), name, size);
            return;
        }
        literal(ADDED, ADDED_BITS, nameIndex(known, name), name, size);
        table.add(name, hash, Arrays.copyOfRange(bytes, from, bytes.length));
    }

    /// The index of a field with that name; 0 for none.
    private int nameIndex(int known, AsciiString name) {
        if (known > 0) {
            return known;
        }
        int index = table.name(name);
        return index == 0 ? 0 : StaticTable.SIZE + index;
    }

    private static boolean isSecret(AsciiString name, int size) {
        return switch (name.length()) {
            case 6 -> size < GUESSABLE_COOKIE && name.equals(HeaderNames.COOKIE);
            case 10 -> name.equals(HeaderNames.SET_COOKIE);
            case 13 -> name.equals(HeaderNames.AUTHORIZATION);
            case 19 -> name.equals(HeaderNames.PROXY_AUTHORIZATION);
            default -> false;
        };
    }

    private void literal(int kind, int bits, int nameIndex, AsciiString name, int size) {
        integer(kind, bits, nameIndex);
        if (nameIndex == 0) {
            integer(0, 7, name.length());
            System.arraycopy(name.array(), name.arrayOffset(), bytes, length, name.length());
            length += name.length();
        }
        integer(0, 7, size);
        System.arraycopy(bytes, bytes.length - size, bytes, length, size);
        length += size;
    }

    /// RFC 7541, 5.1.
    private void integer(int kind, int bits, long value) {
        int most = (1 << bits) - 1;
        if (value < most) {
            bytes[length++] = (byte) (kind | value);
            return;
        }
        bytes[length++] = (byte) (kind | most);
        long rest = value - most;
        for (; rest > 0x7f; rest >>>= 7) {
            bytes[length++] = (byte) (rest & 0x7f | 0x80);
        }
        bytes[length++] = (byte) rest;
    }

    /// What the next block begins with where the size has changed (RFC 7541, 4.2).
    private void writeTableSize() {
        if (smallest >= 0) {
            if (smallest < table.capacity()) {
                integer(TABLE_SIZE, TABLE_SIZE_BITS, smallest);
            }
            integer(TABLE_SIZE, TABLE_SIZE_BITS, table.capacity());
            smallest = -1;
        }
    }

    @Override
    public Configuration configuration() {
        return this;
    }

    /// @param max bytes that the peer allows; no more than [DynamicTable#MOST_BYTES] are used
    @Override
    public void maxHeaderTableSize(long max) throws Http2Exception {
        if (max < 0 || max > Http2CodecUtil.MAX_HEADER_TABLE_SIZE) {
            throw connectionError(PROTOCOL_ERROR, "Header table size %d", max);
        }
        long capacity = Math.min(max, DynamicTable.MOST_BYTES);
        if (capacity != table.capacity()) {
            smallest = smallest < 0 ? capacity : Math.min(smallest, capacity);
            table.resize((int) capacity);
        }
    }

    @Override
    public long maxHeaderTableSize() {
        return table.capacity();
    }

    @Override
    public void maxHeaderListSize(long max) throws Http2Exception {
        if (max < 0 || max > Http2CodecUtil.MAX_HEADER_LIST_SIZE) {
            throw connectionError(PROTOCOL_ERROR, "Header list size %d", max);
        }
        listLimit = max;
    }

    @Override
    public long maxHeaderListSize() {
        return listLimit;
    }
}
