package io.sallyport.identity;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/// As much of DER (X.690) as wrapping a key and making a certificate take.
public final class Der {
    public static final int SEQUENCE = 0x30;
    public static final int OCTET_STRING = 0x04;
    public static final int CONTEXT_0 = 0xa0;
    private static final int OID = 0x06;

    private Der() {}

    /// @param encoded the bytes of the encoded object identifier, 0 to 255 each
    public static byte[] oid(int... encoded) {
        byte[] value = new byte[encoded.length];
        for (int i = 0; i < encoded.length; i++) {
            value[i] = (byte) encoded[i];
        }
        return element(OID, value);
    }

    /// An element that holds these contents one after the other.
    public static byte[] element(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] content : contents) {
            length += content.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
            out.write(0x80 | bytes);
            for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
                out.write(length >>> shift);
            }
        }
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }

    /// The content of the first child of a SEQUENCE that has `tag`; null where there is none or the encoding is broken.
    static byte @Nullable [] child(byte[] sequence, int tag) {
        int at = contentStart(sequence, 0);
        while (at > 0 && at + 1 < sequence.length) {
            int start = contentStart(sequence, at);
            int length = contentLength(sequence, at);
            if (start < 0 || length < 0 || length > sequence.length - start) {
                return null;
            }
            if ((sequence[at] & 0xff) == tag) {
                return java.util.Arrays.copyOfRange(sequence, start, start + length);
            }
            at = start + length;
        }
        return null;
    }

    private static int contentStart(byte[] der, int at) {
        if (at + 1 >= der.length) {
            return -1;
        }
        int first = der[at + 1] & 0xff;
        return first < 0x80 ? at + 2 : at + 2 + (first & 0x7f);
    }

    private static int contentLength(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int bytes = first & 0x7f;
        if (bytes == 0 || bytes > 3 || at + 2 + bytes > der.length) {
            return -1;
        }
        int length = 0;
        for (int i = 0; i < bytes; i++) {
            length = length << 8 | der[at + 2 + i] & 0xff;
        }
        return length;
    }
}
