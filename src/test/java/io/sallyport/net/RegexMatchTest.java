package io.sallyport.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegexMatchTest {
    private static final Duration MUCH_LESS_THAN_WITHOUT_A_LIMIT = Duration.ofSeconds(2);

    /// On a thread of an event loop, within that time.
    private static void onLoop(Duration longest, Runnable matching) throws InterruptedException {
        Thread loop = new FastThreadLocalThread(matching);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        loop.setUncaughtExceptionHandler((_, thrown) -> failure.set(thrown));
        loop.start();
        loop.join(longest);
        assertThat(loop.isAlive()).isFalse();
        assertThat(failure.get()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "'/(a{1,180}){1,180}', /, a",
        "'(a{1,100}){1,100}', '', a",
        "'((a|b|ab){1,60}c?){1,60}', '', ab",
        "'(.{1,150}){1,150}x', '', é"
    })
    void nestedRepetitionsOfALongTextEnd(String regex, String begin, String part) {
        Pattern pattern = Pattern.compile(regex);
        String text = begin + part.repeat(60_000);
        long start = System.nanoTime();
        assertThatThrownBy(() -> RegexMatch.isWhole(pattern, text)).isInstanceOf(RegexMatch.TooCostlyException.class);
        assertThatThrownBy(() -> RegexMatch.matcher(pattern, text + "!").matches())
                .isInstanceOf(RegexMatch.TooCostlyException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(MUCH_LESS_THAN_WITHOUT_A_LIMIT);
    }

    @Test
    void manyExpressionsOfOneRequestHaveATimeTogether() throws Exception {
        Pattern pattern = Pattern.compile("/.*(a|b).*(a|b).*(a|b).*r");
        String text = "/" + "a".repeat(8_000);
        onLoop(MUCH_LESS_THAN_WITHOUT_A_LIMIT, () -> {
            RegexMatch.begin();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100_000; i++) {
                            RegexMatch.isWhole(pattern, text);
                        }
                    })
                    .isInstanceOf(RegexMatch.TooCostlyException.class);
            assertThatThrownBy(() -> RegexMatch.isWhole(pattern, text))
                    .isInstanceOf(RegexMatch.TooCostlyException.class);
            // The next request has its own.
            RegexMatch.begin();
            assertThat(RegexMatch.isWhole(pattern, text)).isFalse();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "'/[a-z]+/.*', true",
        "'/(cart|shop|pay)/.*', true",
        "'/x.*', false",
        "'/cart/a{1000}.*', true",
        "'/cart/(a|b)+', true"
    })
    void whatIsUsualIsMatchedHoweverLongTheText(String regex, boolean matches) {
        Pattern pattern = Pattern.compile(regex);
        String text = "/cart/" + "a".repeat(9_000);
        assertThat(RegexMatch.isWhole(pattern, text)).isEqualTo(matches).isEqualTo(pattern.matches(text));
    }

    @Test
    void shortTextsCountToo() throws Exception {
        Pattern pattern = Pattern.compile("([a-z]|[0-9]|-){1,60}x");
        int[] matched = {0};
        onLoop(Duration.ofSeconds(20), () -> {
            RegexMatch.begin();
            assertThatThrownBy(() -> {
                        for (; matched[0] < 10_000_000; matched[0]++) {
                            RegexMatch.isWhole(pattern, "abcdefg");
                        }
                    })
                    .isInstanceOf(RegexMatch.TooCostlyException.class);
        });
        assertThat(matched[0]).isGreaterThan(1_000);
    }

    @Test
    void groupsAreThoseOfTheText() {
        Pattern pattern = Pattern.compile("/(a{1,50})(b{1,1000})(.*)");
        String text = "/" + "a".repeat(40) + "b".repeat(300) + "é\uD83D\uDE00z";
        assertThat((long) pattern.programSize() * text.length()).isGreaterThan(200_000);
        Matcher matcher = RegexMatch.matcher(pattern, text);
        assertThat(matcher.matches()).isTrue();
        assertThat(matcher.group(1)).isEqualTo("a".repeat(40));
        assertThat(matcher.group(3)).isEqualTo("é\uD83D\uDE00z");
    }
}
