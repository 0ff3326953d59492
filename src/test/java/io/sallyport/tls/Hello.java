package io.sallyport.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/// ClientHello messages put together by hand, so that they can be wrong.
public final class Hello {
    private Hello() {}

    /// From `legacy_version` on, without the handshake header.
    public static ByteBuf body(ByteBuf... extensions) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf extension : extensions) {
            all.writeBytes(extension);
        }
        return Unpooled.buffer()
                .writeShort(0x0303)
                .writeZero(32)
                .writeByte(2)
                .writeShort(0x0102)
                .writeShort(2)
                .writeShort(0x1301)
                .writeByte(1)
                .writeByte(0)
                .writeShort(all.readableBytes())
                .writeBytes(all);
    }

    /// In one TLS record.
    public static ByteBuf record(ByteBuf body) {
        return Unpooled.buffer()
                .writeByte(22)
                .writeShort(0x0301)
                .writeShort(body.readableBytes() + 4)
                .writeBytes(message(body));
    }

    /// With the handshake header.
    public static ByteBuf message(ByteBuf body) {
        return Unpooled.buffer()
                .writeByte(1)
                .writeMedium(body.readableBytes())
                .writeBytes(body, body.readerIndex(), body.readableBytes());
    }

    public static ByteBuf extension(int type, ByteBuf data) {
        return Unpooled.buffer()
                .writeShort(type)
                .writeShort(data.readableBytes())
                .writeBytes(data);
    }

    public static ByteBuf serverName(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return extension(
                0,
                Unpooled.buffer()
                        .writeShort(bytes.length + 3)
                        .writeByte(0)
                        .writeShort(bytes.length)
                        .writeBytes(bytes));
    }

    public static ByteBuf alpn(String... protocols) {
        ByteBuf list = Unpooled.buffer();
        for (String protocol : protocols) {
            byte[] bytes = protocol.getBytes(StandardCharsets.ISO_8859_1);
            list.writeByte(bytes.length).writeBytes(bytes);
        }
        return extension(16, Unpooled.buffer().writeShort(list.readableBytes()).writeBytes(list));
    }
}
