package io.sallyport.http.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessageCounterTest {
    /// A body in hex is counted in pieces of every size, and each piece is left as it was.
    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "00000000, 0",
        "0000000000, 1",
        "00000000000000000000, 2",
        "0000000002aabb, 1",
        "0100000001ff0000000003aabbcc, 2",
        "0000000002aabb00, 1",
        "00ffffffffaabbccddeeff0000000000, 1",
        "ff000000010000000000010000000000, 2",
    })
    void messagesAreCountedHoweverTheBodyIsCut(String hex, int messages) {
        byte[] body = java.util.HexFormat.of().parseHex(hex);
        for (int size = 1; size <= body.length + 1; size++) {
            var counter = new MessageCounter();
            int counted = 0;
            for (int from = 0; from < body.length; from += size) {
                ByteBuf piece = Unpooled.wrappedBuffer(body, from, Math.min(size, body.length - from));
                int readable = piece.readableBytes();
                counted += counter.count(piece);
                assertThat(piece.readableBytes()).isEqualTo(readable);
            }
            assertThat(counted).as("pieces of %d", size).isEqualTo(messages);
        }
    }
}
