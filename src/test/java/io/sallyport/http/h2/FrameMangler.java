package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;

/// Makes bytes that are almost frames: sensible ones in a senseless order, some of them bent.
final class FrameMangler {
    private static final String[] NAMES = {
        ":method",
        ":path",
        ":scheme",
        ":authority",
        ":status",
        ":foo",
        "host",
        "cookie",
        "content-length",
        "te",
        "x",
        "connection",
        "X",
        "expect",
        ""
    };
    private static final String[] VALUES = {
        "GET",
        "POST",
        "/",
        "http",
        "a.example",
        "200",
        "100",
        "4",
        "trailers",
        "close",
        "x\r\ny",
        " ",
        "100-continue",
        "*"
    };

    private final Random random;
    private final boolean requests;

    FrameMangler(Random random, boolean requests) {
        this.random = random;
        this.requests = requests;
    }

    byte[] next(int frames) {
        ByteBuf all = Unpooled.buffer();
        for (int i = 0; i < frames; i++) {
            all.writeBytes(frame());
        }
        byte[] bytes = ByteBufUtil.getBytes(all);
        for (int bends = random.nextInt(4) == 0 ? random.nextInt(4) : 0; bends > 0 && bytes.length > 0; bends--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    private ByteBuf frame() {
        int stream = 1 + 2 * random.nextInt(6);
        boolean end = random.nextBoolean();
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> head(stream, end);
            case 3 -> Frames.headers(stream, end, fields());
            case 4, 5, 6 -> Frames.data(stream, new byte[random.nextInt(random.nextInt(5) == 0 ? 16_385 : 8)], end);
            case 7 -> Frames.reset(stream, random.nextInt(15));
            case 8 -> Frames.windowUpdate(random.nextBoolean() ? 0 : stream, random.nextInt(70_000));
            case 9 -> Frames.settings(1 + random.nextInt(7), random.nextInt(random.nextBoolean() ? 2 : 100_000));
            case 10 -> split(stream, end);
            default ->
                Frames.frame(
                        random.nextInt(11),
                        random.nextInt(64),
                        random.nextInt(4),
                        Unpooled.wrappedBuffer(new byte[random.nextInt(12)]));
        };
    }

    private ByteBuf head(int stream, boolean end) {
        if (requests) {
            return Frames.headers(stream, end, Frames.request(end ? "GET" : "POST", "/" + stream));
        }
        return Frames.headers(stream, end, ":status", random.nextInt(5) == 0 ? "103" : "200");
    }

    private ByteBuf split(int stream, boolean end) {
        ByteBuf block = Frames.block(Frames.request("POST", "/split"));
        int cut = random.nextInt(block.readableBytes());
        ByteBuf first = Frames.frame(Frames.HEADERS, end ? Frames.END_STREAM : 0, stream, block.readSlice(cut));
        int flags = random.nextInt(4) == 0 ? 0 : Frames.END_HEADERS;
        return Unpooled.wrappedBuffer(first, Frames.frame(Frames.CONTINUATION, flags, stream, block));
    }

    private String[] fields() {
        String[] fields = new String[2 * random.nextInt(8)];
        for (int i = 0; i < fields.length; i += 2) {
            fields[i] = NAMES[random.nextInt(NAMES.length)];
            fields[i + 1] = VALUES[random.nextInt(VALUES.length)];
        }
        return fields;
    }
}
