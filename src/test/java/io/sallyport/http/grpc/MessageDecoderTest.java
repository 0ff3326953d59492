package io.sallyport.http.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageDecoderTest {
    @Test
    void howTheBytesArriveDoesNotMatter() {
        Random random = new Random(1);
        for (int round = 0; round < 300; round++) {
            List<byte[]> messages = new ArrayList<>();
            ByteBuf all = Unpooled.buffer();
            for (int i = random.nextInt(5); i >= 0; i--) {
                byte[] message = new byte[random.nextInt(3) == 0 ? 0 : random.nextInt(20_000)];
                random.nextBytes(message);
                messages.add(message);
                all.writeByte(0).writeInt(message.length).writeBytes(message);
            }
            MessageDecoder decoder = new MessageDecoder(20_000);
            List<byte[]> read = new ArrayList<>();
            while (all.isReadable()) {
                ByteBuf part = all.readSlice(Math.min(all.readableBytes(), 1 + random.nextInt(7000)));
                for (byte[] message = decoder.next(part); message != null; message = decoder.next(part)) {
                    read.add(message);
                }
                assertThat(part.isReadable()).isFalse();
            }

            assertThat(decoder.violation()).isNull();
            assertThat(decoder.isBetweenMessages()).isTrue();
            assertThat(read).hasSameSizeAs(messages);
            for (int i = 0; i < read.size(); i++) {
                assertThat(Arrays.equals(read.get(i), messages.get(i))).isTrue();
            }
        }
    }

    @Test
    void afterAViolationNothingIsRead() {
        MessageDecoder decoder = new MessageDecoder(3);
        ByteBuf bytes = Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 0, 1, 9});
        assertThat(decoder.next(bytes)).isNull();
        assertThat(decoder.next(bytes)).isNull();
        assertThat(decoder.violation()).isNotNull();
        assertThat(decoder.violation().code()).isEqualTo(GrpcResult.RESOURCE_EXHAUSTED);
    }
}
