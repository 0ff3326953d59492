package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// A frame that the connection under test wrote.
public record SentFrame(int type, int flags, int stream, byte[] payload, String fields) {

    public boolean ends() {
        return (flags & Frames.END_STREAM) != 0 && (type == Frames.DATA || type == Frames.HEADERS);
    }

    public int errorCode() {
        return Unpooled.wrappedBuffer(payload).getInt(type == Frames.GOAWAY ? 4 : 0);
    }

    public int firstInt() {
        return Unpooled.wrappedBuffer(payload).getInt(0);
    }

    @Override
    public String toString() {
        String body =
                switch (type) {
                    case Frames.DATA -> "DATA " + new String(payload, StandardCharsets.ISO_8859_1);
                    case Frames.HEADERS -> "HEADERS " + fields;
                    case Frames.RST_STREAM -> "RST_STREAM " + errorCode();
                    case Frames.GOAWAY -> "GOAWAY " + firstInt() + " " + errorCode();
                    case Frames.WINDOW_UPDATE -> "WINDOW_UPDATE " + firstInt();
                    case Frames.SETTINGS -> (flags & Frames.ACK) != 0 ? "SETTINGS ACK" : "SETTINGS";
                    case Frames.PING -> (flags & Frames.ACK) != 0 ? "PING ACK" : "PING";
                    default -> "type " + type;
                };
        return stream + " " + body + (ends() ? " END" : "");
    }

    /// Cuts a stream of bytes into frames; one for each direction of a connection, because of HPACK's table.
    public static final class Parser {
        private final DefaultHttp2HeadersDecoder hpack = new DefaultHttp2HeadersDecoder(false, 1 << 20);
        private final ByteBuf rest = Unpooled.buffer();
        private final ByteBuf block = Unpooled.buffer();

        public List<SentFrame> parse(ByteBuf bytes) {
            rest.writeBytes(bytes);
            List<SentFrame> frames = new ArrayList<>();
            while (rest.readableBytes() >= 9
                    && rest.readableBytes() >= 9 + rest.getUnsignedMedium(rest.readerIndex())) {
                int length = rest.readUnsignedMedium();
                int type = rest.readUnsignedByte();
                int flags = rest.readUnsignedByte();
                int stream = rest.readInt();
                byte[] payload = new byte[length];
                rest.readBytes(payload);
                frames.add(new SentFrame(type, flags, stream, payload, fields(type, flags, payload)));
            }
            rest.discardReadBytes();
            return frames;
        }

        /// The fields, with the frame that ends the block.
        private String fields(int type, int flags, byte[] payload) {
            if (type != Frames.HEADERS && type != Frames.CONTINUATION) {
                return "";
            }
            block.writeBytes(payload);
            if ((flags & Frames.END_HEADERS) == 0) {
                return "";
            }
            byte[] whole = ByteBufUtil.getBytes(block);
            block.clear();
            return decode(whole);
        }

        private String decode(byte[] block) {
            try {
                var headers = hpack.decodeHeaders(1, Unpooled.wrappedBuffer(block));
                return StreamSupport.stream(headers.spliterator(), false)
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(","));
            } catch (Http2Exception e) {
                throw new AssertionError(e);
            }
        }
    }
}
