package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// What checks see of a body that is held.
class HeldBodyTest {
    private final HeldBody held = new HeldBody();

    private static ByteBuf data(String text) {
        return PooledByteBufAllocator.DEFAULT.buffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(ByteBuf data) {
        return data.toString(StandardCharsets.US_ASCII);
    }

    @Test
    void theFirstBytesAreThoseThatAreHeld() {
        ByteBuf part = data("four");
        held.add(part, false);
        held.join(data("more"), false);
        held.join(data("last"), true);

        ByteBuf first = held.first(10);
        assertThat(text(first)).isEqualTo("fourmorela");
        part.setByte(0, 'F');
        assertThat(text(first)).startsWith("Four");
        held.release();
        assertThat(text(first)).isEqualTo("Fourmorela");
        first.release();
        assertThat(part.refCnt()).isZero();
    }

    @Test
    void whatComesLaterDoesNotChangeThem() {
        held.join(data("four"), false);
        ByteBuf first = held.first(4);
        for (int i = 0; i < 10; i++) {
            held.join(data("x".repeat(1000)), false);
        }

        assertThat(text(first)).isEqualTo("four");
        assertThat(held.bytes()).isEqualTo(10_004);
        assertThat(text(held.first(5))).isEqualTo("fourx");
        first.release();
    }

    @Test
    void ofNothingThereIsNothing() {
        assertThat(held.first(8)).isSameAs(Unpooled.EMPTY_BUFFER);
        held.add(Unpooled.EMPTY_BUFFER, true);
        assertThat(held.first(8).isReadable()).isFalse();
    }
}
