package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RoundEndTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final RoundEnd round = RoundEnd.of(channel.eventLoop());
    private final List<String> sent = new ArrayList<>();

    @Test
    void eachIsSentOnceInOrderWhenTheRoundEnds() {
        for (int i = 0; i < 200; i++) {
            String name = Integer.toString(i);
            round.add(() -> sent.add(name));
        }
        assertThat(sent).isEmpty();
        channel.runPendingTasks();
        channel.runPendingTasks();

        assertThat(sent).hasSize(200).startsWith("0", "1").endsWith("199");
    }

    @Test
    void whatIsAddedMeanwhileIsSentToo() {
        round.add(() -> {
            sent.add("first");
            round.add(() -> sent.add("second"));
        });
        channel.runPendingTasks();

        assertThat(sent).containsExactly("first", "second");
    }

    @Test
    void oneThatFailsDoesNotKeepTheOthers() {
        round.add(() -> {
            throw new IllegalStateException("a fault");
        });
        round.add(() -> sent.add("next"));
        channel.runPendingTasks();

        assertThat(sent).containsExactly("next");
    }

    @Test
    void anErrorDoesNotSilenceTheLoop() {
        round.add(() -> {
            throw new AssertionError("a fault");
        });
        round.add(() -> sent.add("next"));
        channel.runPendingTasks();
        round.add(() -> sent.add("later"));
        channel.runPendingTasks();

        assertThat(sent).containsExactly("next", "later");
    }

    @Test
    void loopsHaveRoundsOfTheirOwn() {
        EmbeddedChannel other = new EmbeddedChannel();
        RoundEnd.of(other.eventLoop()).add(() -> sent.add("other"));
        round.add(() -> sent.add("one"));
        channel.runPendingTasks();

        assertThat(sent).containsExactly("one");
        other.runPendingTasks();
        assertThat(sent).containsExactly("one", "other");
    }

    @Test
    void aLoopThatEndsSendsAtOnce() throws Exception {
        DefaultEventLoop loop = new DefaultEventLoop();
        CompletableFuture<List<String>> seen = new CompletableFuture<>();
        loop.execute(() -> {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            RoundEnd.of(loop).add(() -> sent.add("last"));
            seen.complete(List.copyOf(sent));
        });

        assertThat(seen.get(5, TimeUnit.SECONDS)).containsExactly("last");
    }
}
