package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Base64 (RFC 4648, section 4) that comes in parts, cut anywhere, and may have padding wherever a message ended. The
/// JDK's and Netty's decoders take padding for the end.
final class Base64Decoder {
    private static final int PADDING = -2;
    private static final byte[] VALUES = values();

    /// Of the group of four characters at hand.
    private int bits;

    private int characters;
    private int padding;

    private static byte[] values() {
        byte[] values = new byte[256];
        Arrays.fill(values, (byte) -1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int i = 0; i < alphabet.length(); i++) {
            values[alphabet.charAt(i)] = (byte) i;
        }
        values['='] = PADDING;
        return values;
    }

    /// Whether a group of four characters is incomplete.
    boolean isWithin() {
        return characters > 0;
    }

    /// The bytes of all complete groups; null where the part is not base64. The caller still owns the part.
    @Nullable
    ByteBuf decode(ByteBuf part) {
        ByteBuf decoded = part.alloc().buffer((part.readableBytes() + characters) / 4 * 3);
        for (int i = part.readerIndex(); i < part.writerIndex(); i++) {
            if (!take(VALUES[part.getByte(i) & 0xff], decoded)) {
                decoded.release();
                return null;
            }
        }
        return decoded;
    }

    private boolean take(int value, ByteBuf decoded) {
        boolean isPadding = value == PADDING;
        // One character of a group says less than a byte, and nothing follows padding within a group.
        if (value == -1 || (isPadding ? characters < 2 : padding > 0)) {
            return false;
        }
        padding += isPadding ? 1 : 0;
        bits = bits << 6 | (isPadding ? 0 : value);
        return ++characters < 4 || complete(decoded);
    }

    /// Bits that padding leaves over must be zero: otherwise several texts would say the same.
    private boolean complete(ByteBuf decoded) {
        int bytes = 3 - padding;
        if ((bits & (1 << 8 * padding) - 1) != 0) {
            return false;
        }
        for (int i = 0; i < bytes; i++) {
            decoded.writeByte(bits >> 16 - 8 * i);
        }
        bits = 0;
        characters = 0;
        padding = 0;
        return true;
    }
}
