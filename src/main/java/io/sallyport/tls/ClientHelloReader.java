package io.sallyport.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/// Reads the ClientHello at the start of a stream of bytes, in however many pieces it comes: segments of TCP, and TLS
/// records of any length (RFC 8446, 5.1). Nothing is consumed: the pieces stay their owner's, to hold until there is
/// an answer and then to pass on as they are, with whatever came behind the hello.
///
/// All bytes up to the hello's last count against [#MAX_BYTES], those of record headers too, so that an owner
/// who holds what is incomplete holds that much and a read at most.
public final class ClientHelloReader {
    /// What the bytes so far are.
    public enum Result {
        /// The beginning of a ClientHello, as far as it goes.
        NEED_MORE,
        /// Not TLS, or no ClientHello: nothing that comes can make it one.
        NOT_TLS,
        /// A ClientHello that is longer than [#MAX_BYTES], or would be.
        TOO_LARGE,
        /// A whole ClientHello: see [#hello()].
        COMPLETE
    }

    /// Post-quantum key shares take 2 KiB; no client needs more than this.
    public static final int MAX_BYTES = 64 * 1024;

    /// Forbidden altogether (RFC 8446, 5.1), but some servers let a few pass.
    private static final int MAX_EMPTY_RECORDS = 8;

    private static final int HANDSHAKE = 22;
    private static final int MAJOR_VERSION = 3;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;
    private static final int MAX_RECORD = 1 << 14;
    private static final int START_BYTES = 2048;

    private Result result = Result.NEED_MORE;
    private ClientHello hello = ClientHello.EMPTY;

    /// Bytes looked at.
    private int seen;
    private int emptyRecords;

    /// Bytes of the record's header that were read, and what it says of its content.
    private int recordHeader;

    private int recordLength;
    /// Content of the record that is still to come.
    private int recordLeft;

    /// The message, with its header.
    private byte[] message = new byte[START_BYTES];
    private int length;

    /// Looks at the next piece, all of it; its indices stay as they are. Once the result is another than `NEED_MORE`,
    /// further pieces change nothing.
    public Result read(ByteBuf piece) {
        int at = piece.readerIndex();
        int end = piece.writerIndex();
        while (at < end && result == Result.NEED_MORE) {
            if (seen == MAX_BYTES) {
                finish(Result.TOO_LARGE);
            } else if (recordLeft == 0) {
                header(piece.getUnsignedByte(at++));
                seen++;
            } else {
                int taken = content(piece, at, Math.min(Math.min(recordLeft, end - at), MAX_BYTES - seen));
                at += taken;
                seen += taken;
                recordLeft -= taken;
            }
        }
        return result;
    }

    /// Whether there is a whole ClientHello.
    public boolean isComplete() {
        return result == Result.COMPLETE;
    }

    /// What the client said, once the result is `COMPLETE`.
    ///
    /// @throws IllegalStateException before
    public ClientHello hello() {
        if (result != Result.COMPLETE) {
            throw new IllegalStateException("No ClientHello: " + result);
        }
        return hello;
    }

    /// Content type, version, length: refused by the first byte that cannot be.
    private void header(int value) {
        boolean sound =
                switch (recordHeader) {
                    case 0 -> value == HANDSHAKE;
                    case 1 -> value == MAJOR_VERSION;
                    default -> true;
                };
        if (!sound) {
            finish(Result.NOT_TLS);
            return;
        }
        recordHeader++;
        if (recordHeader == RECORD_HEADER - 1) {
            recordLength = value << 8;
        } else if (recordHeader == RECORD_HEADER) {
            recordHeader = 0;
            begin(recordLength | value);
        }
    }

    private void begin(int contentLength) {
        recordLeft = contentLength;
        if (contentLength > MAX_RECORD || (contentLength == 0 && ++emptyRecords > MAX_EMPTY_RECORDS)) {
            finish(Result.NOT_TLS);
        }
    }

    /// Takes what the message's header, or then its body, is still short of.
    ///
    /// @return how many bytes, at least one
    private int content(ByteBuf piece, int at, int available) {
        int whole = length < MESSAGE_HEADER ? MESSAGE_HEADER : MESSAGE_HEADER + bodyLength();
        int taken = Math.min(available, whole - length);
        if (length + taken > message.length) {
            message = Arrays.copyOf(message, Math.min(whole, Math.max(2 * message.length, length + taken)));
        }
        piece.getBytes(at, message, length, taken);
        length += taken;
        check();
        return taken;
    }

    private void check() {
        if (length > 0 && message[0] != CLIENT_HELLO) {
            finish(Result.NOT_TLS);
        } else if (length >= MESSAGE_HEADER) {
            int body = bodyLength();
            if (body > MAX_BYTES - RECORD_HEADER - MESSAGE_HEADER) {
                finish(Result.TOO_LARGE);
            } else if (length >= MESSAGE_HEADER + body) {
                hello = ClientHello.parse(Unpooled.wrappedBuffer(message, MESSAGE_HEADER, body));
                finish(Result.COMPLETE);
            }
        }
    }

    private int bodyLength() {
        return (message[1] & 0xff) << 16 | (message[2] & 0xff) << 8 | (message[3] & 0xff);
    }

    private void finish(Result last) {
        result = last;
        message = new byte[0];
    }
}
