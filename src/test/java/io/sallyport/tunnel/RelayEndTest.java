package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An endpoint that has ended its side in order, and is gone, while its client goes on sending.
class RelayEndTest {
    private final EmbeddedChannel time = new EmbeddedChannel();
    private final RequestFacts facts = new RequestFacts();
    private final List<String> ends = new ArrayList<>();
    private final FakeEnd endpoint = new FakeEnd();
    private final FakeEnd client = new FakeEnd();
    private final Relay relay = new Relay(facts, (flag, details) -> ends.add(flag + " " + details), _ -> client);

    private final class FakeEnd implements Relay.End {
        private final StringBuilder written = new StringBuilder();
        private final List<ResponseFlag> closed = new ArrayList<>();

        @Override
        public EventLoop eventLoop() {
            return time.eventLoop();
        }

        @Override
        public void write(ByteBuf data) {
            written.append(data.toString(StandardCharsets.US_ASCII));
            data.release();
        }

        @Override
        public void flush() {}

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void setReading(boolean reading) {}

        @Override
        public EpollSocketChannel bareSocket() {
            return null;
        }

        @Override
        public boolean sendNow() {
            return true;
        }

        @Override
        public void endOutput() {
            written.append('$');
        }

        @Override
        public void close(ResponseFlag flag) {
            closed.add(flag);
        }
    }

    private void seconds(int seconds) {
        time.advanceTimeBy(seconds, TimeUnit.SECONDS);
        time.runScheduledPendingTasks();
    }

    private void sends(FakeEnd from, String text) {
        relay.onData(from, Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
        relay.onReadComplete(from);
    }

    @BeforeEach
    void theEndpointIsGone() {
        time.freezeTime();
        relay.join(endpoint);
        sends(client, "query");
        sends(endpoint, "all");
        relay.onEndOfInput(endpoint);
        relay.onGone(endpoint, true);
    }

    /// Nothing says here that the client's system has everything.
    @Test
    void aClientThatGoesOnSendingIsCutInTheEnd() {
        int seconds = 0;
        while (ends.isEmpty() && seconds < 2_000) {
            sends(client, "more");
            seconds(10);
            seconds += 10;
        }

        assertThat(seconds).isEqualTo(600);
        assertThat(ends).containsExactly("UC upstream_reset");
        assertThat(client.written).hasToString("all$");
        assertThat(client.closed).containsExactly(ResponseFlag.SI);
        assertThat(facts.bytesReceived).as("what the endpoint could get").isEqualTo(5);
    }

    @Test
    void aClientThatEndsIsNot() {
        sends(client, "more");
        relay.onEndOfInput(client);
        seconds(2_000);

        assertThat(ends).containsExactly("null tunnel_completed");
        assertThat(facts.bytesReceived).isEqualTo(5);
    }
}
