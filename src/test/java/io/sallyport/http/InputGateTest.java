package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Records that may be the client's end, without a TLS engine behind the gate.
class InputGateTest {
    private static final int ALERT = 21;
    private static final int APPLICATION_DATA = 23;

    private final InputGate gate = new InputGate();
    private final EmbeddedChannel channel = new EmbeddedChannel(gate);
    private final List<String> events = new ArrayList<>();
    private boolean answer = true;

    InputGateTest() {
        gate.guard(new InputGate.Owner() {
            @Override
            public boolean holds(int content) {
                events.add("hold " + content);
                return answer;
            }

            @Override
            public void sendWritten() {
                events.add("send");
            }

            @Override
            public void onEndHeld() {
                events.add("held");
            }
        });
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private static ByteBuf record(int type, int length) {
        return Unpooled.buffer()
                .writeByte(type)
                .writeShort(0x303)
                .writeShort(length)
                .writeZero(length);
    }

    private void arrive(ByteBuf... records) {
        channel.writeInbound(Unpooled.copiedBuffer(records));
    }

    private int passed() {
        int bytes = 0;
        for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
            bytes += part.readableBytes();
            part.release();
        }
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"21, 26, 0", "23, 19, 2", "23, 35, 18"})
    void itsOwnerKnowsWhatElseItMayBe(int type, int length, int content) {
        arrive(record(APPLICATION_DATA, 100), record(type, length));

        assertThat(events).containsExactly("hold " + content, "held");
        assertThat(passed()).isEqualTo(105);
        assertThat(gate.isHoldingEnd()).isTrue();
        assertThat(gate.isCertain()).isEqualTo(content == 0);
        gate.open();
        assertThat(events).endsWith("send");
        assertThat(passed()).isEqualTo(5 + length);
    }

    @Test
    void whateverFollowsShowsThatItWasNotTheEnd() {
        arrive(record(APPLICATION_DATA, 19));
        arrive(record(APPLICATION_DATA, 100));

        assertThat(passed()).isEqualTo(24 + 105);
        assertThat(gate.isHoldingEnd()).isFalse();
    }

    @Test
    void whatIsNotHeldPassesAtOnce() {
        answer = false;
        arrive(record(APPLICATION_DATA, 35));

        assertThat(passed()).isEqualTo(40);
        assertThat(events).containsExactly("hold 18", "send");
    }

    @Test
    void anAlertInTheClearIsNoEnd() {
        arrive(record(ALERT, 2));

        assertThat(events).isEmpty();
        assertThat(passed()).isEqualTo(7);
    }
}
