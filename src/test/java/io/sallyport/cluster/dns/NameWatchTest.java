package io.sallyport.cluster.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// On time that stands still until a test moves it.
class NameWatchTest {
    private static final RandomGenerator NO_JITTER = () -> 0;

    private final EmbeddedChannel clock = new EmbeddedChannel();
    private final Queue<Answer> answers = new ArrayDeque<>();
    private final Recorder recorder = new Recorder();
    private int lookUps;

    @BeforeEach
    void stopTime() {
        clock.freezeTime();
    }

    @ParameterizedTest
    @CsvSource({"30, 30", "0, 1", "1, 1", "86400, 300", "-1, 60"})
    void looksUpAgainWhenTheTtlIsOverWithinBounds(long ttl, long expectedSeconds) {
        answers.add(found(ttl, "10.0.0.1"));
        answers.add(found(30, "10.0.0.2"));
        watch(NO_JITTER);

        pass(expectedSeconds * 1000 - 1);
        assertThat(lookUps).isEqualTo(1);
        pass(1);
        assertThat(lookUps).isEqualTo(2);
        assertThat(recorder.told).containsExactly("[10.0.0.1]", "[10.0.0.2]");
    }

    @Test
    void jitterPutsOffByATenthAtMost() {
        answers.add(found(100, "10.0.0.1"));
        answers.add(found(100, "10.0.0.1"));
        watch(() -> -1L);

        pass(109_000);
        assertThat(lookUps).isEqualTo(1);
        pass(1_000);
        assertThat(lookUps).isEqualTo(2);
    }

    @Test
    void anAnswerInAnotherOrderOrWithRepetitionsIsNoChange() {
        answers.add(found(1, "10.0.0.2", "10.0.0.1"));
        answers.add(found(1, "10.0.0.1", "10.0.0.2", "10.0.0.1"));
        watch(NO_JITTER);
        pass(1_000);

        assertThat(lookUps).isEqualTo(2);
        assertThat(recorder.told).containsExactly("[10.0.0.1, 10.0.0.2]");
    }

    @Test
    void aFailureKeepsTheAddressesAndIsTriedAgainEverMoreSlowly() {
        answers.add(found(10, "10.0.0.1"));
        for (int i = 0; i < 8; i++) {
            answers.add(new Answer.Failed("SERVFAIL"));
        }
        answers.add(found(10, "10.0.0.1"));
        watch(NO_JITTER);
        pass(10_000);

        for (int pause : new int[] {1, 2, 4, 8, 16, 30, 30, 30}) {
            int before = lookUps;
            pass(pause * 1000 - 1);
            assertThat(lookUps).as("within %s s", pause).isEqualTo(before);
            pass(1);
            assertThat(lookUps).as("after %s s", pause).isEqualTo(before + 1);
        }
        assertThat(recorder.told)
                .hasSize(10)
                .startsWith("[10.0.0.1]", "failed SERVFAIL")
                .endsWith("[10.0.0.1]");
        assertThat(recorder.told.stream().distinct()).containsExactly("[10.0.0.1]", "failed SERVFAIL");
    }

    @Test
    void afterASuccessTheNextFailureStartsWithTheShortestPause() {
        answers.add(new Answer.Failed("a"));
        answers.add(new Answer.Failed("b"));
        answers.add(found(10, "10.0.0.1"));
        answers.add(new Answer.Failed("c"));
        answers.add(found(10, "10.0.0.1"));
        watch(NO_JITTER);
        pass(1_000);
        pass(2_000);
        pass(10_000);
        assertThat(lookUps).isEqualTo(4);
        pass(1_000);
        assertThat(lookUps).isEqualTo(5);
    }

    @Test
    void aNameThatCeasesToExistLosesItsAddressesUntilItIsBack() {
        answers.add(found(10, "10.0.0.1"));
        answers.add(new Answer.NoSuchName());
        answers.add(found(10, "10.0.0.1"));
        watch(NO_JITTER);
        pass(10_000);
        pass(5_000);

        assertThat(recorder.told).containsExactly("[10.0.0.1]", "[]", "[10.0.0.1]");
    }

    @Test
    void whoComesLateHearsWhatIsKnown() {
        answers.add(found(10, "10.0.0.1"));
        NameWatch watch = watch(NO_JITTER);
        Recorder late = new Recorder();
        watch.add(late);

        assertThat(late.told).containsExactly("[10.0.0.1]");
        assertThat(lookUps).isEqualTo(1);
    }

    @Test
    void whoComesLateHearsOfAFailureWhereNothingIsKnown() {
        answers.add(new Answer.Failed("no network"));
        NameWatch watch = watch(NO_JITTER);
        Recorder late = new Recorder();
        watch.add(late);

        assertThat(late.told).containsExactly("failed no network");
    }

    @Test
    void aClosedWatchLooksUpNoMoreAndTellsNothing() {
        List<Consumer<Answer>> pending = new ArrayList<>();
        NameWatch watch = new NameWatch(
                "a.example", (name, then) -> pending.add(then), DnsSettings.DEFAULT, clock.eventLoop(), NO_JITTER);
        watch.add(recorder);
        watch.lookUp();
        watch.close();
        pending.getFirst().accept(found(1, "10.0.0.1"));
        pass(3_600_000);

        assertThat(recorder.told).isEmpty();
        assertThat(pending).hasSize(1);
    }

    private NameWatch watch(RandomGenerator random) {
        NameWatch watch = new NameWatch(
                "a.example",
                (name, then) -> {
                    lookUps++;
                    then.accept(answers.remove());
                },
                DnsSettings.DEFAULT,
                clock.eventLoop(),
                random);
        watch.add(recorder);
        watch.lookUp();
        return watch;
    }

    private void pass(long millis) {
        clock.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        clock.runScheduledPendingTasks();
    }

    private static Answer found(long ttl, String... addresses) {
        return new Answer.Found(
                Arrays.stream(addresses).map(NameWatchTest::address).toList(), ttl);
    }

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    static final class Recorder implements AddressListener {
        final List<String> told = new ArrayList<>();

        @Override
        public synchronized void onAddresses(List<InetAddress> addresses) {
            told.add(
                    addresses.stream().map(InetAddress::getHostAddress).toList().toString());
        }

        @Override
        public synchronized void onFailure(String reason) {
            told.add("failed " + reason);
        }
    }
}
