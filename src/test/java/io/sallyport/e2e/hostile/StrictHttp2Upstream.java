package io.sallyport.e2e.hostile;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// An HTTP/2 endpoint with prior knowledge that closes the connection, with all that is under way on it, over the first
/// field that no message may have (RFC 9113, 8.2.1 allows that). It answers each request once its head is there;
/// one whose path begins with `/slow` when it is told to.
final class StrictHttp2Upstream implements AutoCloseable {
    /// Of a head, as RFC 9113, 6.5.2 counts; one byte more ends the connection.
    static final int HEAD_BYTES = 8 * 1024;

    private static final int MAX_HEADER_LIST_SIZE = 6;

    final RawUpstream upstream = RawUpstream.start(this::serve);
    /// What was wrong, with the field.
    final List<String> violations = new CopyOnWriteArrayList<>();
    /// Header blocks, each with a line for a field.
    final List<String> heads = new CopyOnWriteArrayList<>();

    private final CountDownLatch release = new CountDownLatch(1);

    void answerSlowRequests() {
        release.countDown();
    }

    private void serve(RawUpstream.Connection connection) throws IOException {
        connection.readBytes(24);
        send(connection, Frames.settings(MAX_HEADER_LIST_SIZE, HEAD_BYTES));
        DefaultHttp2HeadersDecoder hpack = new DefaultHttp2HeadersDecoder(false, 1 << 20);
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        List<Integer> known = new ArrayList<>();
        while (true) {
            String head = connection.readBytes(9);
            String payload = connection.readBytes(head.charAt(0) << 16 | head.charAt(1) << 8 | head.charAt(2));
            int type = head.charAt(3);
            int flags = head.charAt(4);
            int stream = head.charAt(5) << 24 | head.charAt(6) << 16 | head.charAt(7) << 8 | head.charAt(8);
            if (type == Frames.SETTINGS && (flags & Frames.ACK) == 0) {
                send(connection, Frames.settingsAck());
            } else if (type == Frames.HEADERS || type == Frames.CONTINUATION) {
                block.writeBytes(payload.getBytes(StandardCharsets.ISO_8859_1));
                if ((flags & Frames.END_HEADERS) != 0) {
                    String fields = decode(hpack, block.toByteArray());
                    block.reset();
                    heads.add(fields);
                    if (!violations.isEmpty()) {
                        send(connection, Frames.goAway(0, 1));
                        return;
                    }
                    if (!known.contains(stream)) {
                        known.add(stream);
                        answer(connection, stream, fields.contains("\n:path: /slow"));
                    }
                }
            }
        }
    }

    private void answer(RawUpstream.Connection connection, int stream, boolean slow) throws IOException {
        if (!slow) {
            send(connection, Frames.headers(stream, true, ":status", "200", "content-length", "0"));
            return;
        }
        Thread.ofVirtual().start(() -> {
            try {
                release.await();
                send(connection, Frames.headers(stream, true, ":status", "200", "content-length", "0", "x", "slow"));
            } catch (IOException | InterruptedException gone) {
                violations.add("the slow answer could not be written: " + gone);
            }
        });
    }

    private static void send(RawUpstream.Connection connection, io.netty.buffer.ByteBuf frame) throws IOException {
        synchronized (connection) {
            connection.write(ByteBufUtil.getBytes(frame));
        }
    }

    private String decode(DefaultHttp2HeadersDecoder hpack, byte[] block) {
        StringBuilder fields = new StringBuilder("\n");
        int size = 0;
        try {
            for (var field : hpack.decodeHeaders(1, Unpooled.wrappedBuffer(block))) {
                String name = field.getKey().toString();
                String value = field.getValue().toString();
                check(name, value);
                size += name.length() + value.length() + 32;
                fields.append(name).append(": ").append(value).append('\n');
            }
        } catch (Http2Exception broken) {
            violations.add(broken.toString());
        }
        if (size > HEAD_BYTES) {
            violations.add("a head of " + size + " bytes");
        }
        return fields.toString();
    }

    private void check(String name, String value) {
        boolean blank = !value.isEmpty()
                && (" \t".indexOf(value.charAt(0)) >= 0 || " \t".indexOf(value.charAt(value.length() - 1)) >= 0);
        boolean control = value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f);
        boolean target = name.equals(":path") && value.chars().anyMatch(c -> c <= ' ' || c > '~' || c == '#');
        boolean badName = !name.equals(name.toLowerCase(Locale.ROOT)) || name.isEmpty() || name.indexOf(' ') >= 0;
        boolean forbidden = List.of("connection", "host", "transfer-encoding", "keep-alive", "upgrade")
                .contains(name);
        if (blank || control || target || badName || forbidden) {
            violations.add(name + ": " + value);
        }
    }

    @Override
    public void close() {
        release.countDown();
        upstream.close();
    }
}
