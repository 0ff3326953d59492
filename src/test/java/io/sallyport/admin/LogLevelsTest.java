package io.sallyport.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testing.TestClock;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogLevelsTest {
    private static final String CATEGORY = "io.sallyport.admin.test.levels";
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private record Due(Duration delay, Runnable task) {}

    private final TestClock clock = new TestClock(NOW);
    /// Also those that were cancelled: a timer may run just when it is cancelled.
    private final List<Due> all = new ArrayList<>();

    private final List<Due> due = new ArrayList<>();
    private final LogLevels levels = new LogLevels(clock, (delay, task) -> {
        var timer = new Due(delay, task);
        all.add(timer);
        due.add(timer);
        return () -> due.remove(timer);
    });

    @AfterEach
    void takeBack() {
        levels.takeBack(null);
    }

    @Test
    void aLevelIsChangedForItsTimeAndReturnsByItself() {
        assertThat(debugs(CATEGORY)).isFalse();
        levels.change("debug", CATEGORY, "5m");

        assertThat(debugs(CATEGORY)).isTrue();
        assertThat(debugs(CATEGORY + ".below")).isTrue();
        assertThat(debugs("io.sallyport.admin.test.other")).isFalse();
        assertThat(levels.json())
                .isEqualTo(new JsonObject(
                        "{\"changed\": [{\"category\": \"%s\", \"level\": \"debug\", \"until\": \"2026-01-01T00:05:00Z\"}]}"
                                .formatted(CATEGORY)));
        assertThat(due).singleElement().extracting(Due::delay).isEqualTo(Duration.ofMinutes(5));

        due.getFirst().task.run();
        assertThat(debugs(CATEGORY)).isFalse();
        assertThat(levels.json().getJsonArray("changed")).isEmpty();
    }

    @Test
    void whatACategoryHadBeforeReturnsHoweverOftenItWasChanged() {
        Logger logger = LogContext.getLogContext().getLogger(CATEGORY);
        logger.setLevel(org.jboss.logmanager.Level.WARN);
        try {
            levels.change("debug", CATEGORY, "5m");
            levels.change("ERROR", CATEGORY, null);
            assertThat(logger.getLevel()).isEqualTo(org.jboss.logmanager.Level.ERROR);
            assertThat(due).singleElement().extracting(Due::delay).isEqualTo(Duration.ofMinutes(10));

            all.getFirst().task.run();
            assertThat(logger.getLevel())
                    .as("the first change's time does not end the second")
                    .isEqualTo(org.jboss.logmanager.Level.ERROR);
            levels.takeBack(CATEGORY);
            assertThat(logger.getLevel()).isEqualTo(org.jboss.logmanager.Level.WARN);
            assertThat(due).isEmpty();
        } finally {
            logger.setLevel(null);
        }
    }

    @Test
    void allAreTakenBackAtOnce() {
        levels.change("debug", CATEGORY + ".a", null);
        levels.change("debug", CATEGORY + ".b", null);
        levels.takeBack(null);

        assertThat(debugs(CATEGORY + ".a")).isFalse();
        assertThat(debugs(CATEGORY + ".b")).isFalse();
        assertThat(due).isEmpty();
        assertThatThrownBy(() -> levels.takeBack(CATEGORY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not changed");
    }

    @Test
    void theNumberOfCategoriesIsBounded() {
        for (int i = 0; i < 20; i++) {
            levels.change("debug", CATEGORY + ".c" + i, null);
        }
        assertThatThrownBy(() -> levels.change("debug", CATEGORY + ".more", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DELETE /logging");
        levels.change("info", CATEGORY + ".c3", null);

        assertThat(levels.json().getJsonArray("changed")).hasSize(20);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", delimiter = '|', textBlock = """
            -     | io.a      | 1m    | level must be error, warn, info or debug
            ''    | io.a      | 1m    | level must be
            trace | io.a      | 1m    | level must be
            all   | io.a      | 1m    | level must be
            10    | io.a      | 1m    | level must be
            debug | ''        | 1m    | category must be the name of one
            debug | io..a     | 1m    | category must be
            debug | .         | 1m    | category must be
            debug | 'io.a '   | 1m    | category must be
            debug | io/a      | 1m    | category must be
            debug | 'a\u001bb' | 1m   | category must be
            debug | io.a      | ''    | for must be a time of at most 1h, such as 10m
            debug | io.a      | 0s    | for must be
            debug | io.a      | -1s   | for must be
            debug | io.a      | 61m   | for must be
            debug | io.a      | 1d    | for must be
            debug | io.a      | 999999w | for must be
            debug | io.a      | 1h30m | for must be
            debug | io.a      | 10    | for must be
            """)
    void whatIsNotUnderstoodChangesNothing(String level, String category, String time, String reason) {
        assertThatThrownBy(() -> levels.change(level, category, time))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
        assertThat(levels.json().getJsonArray("changed")).isEmpty();
        assertThat(all).isEmpty();
    }

    @Test
    void aNameOfAnyLengthIsRefused() {
        assertThatThrownBy(() -> levels.change("debug", "a".repeat(101), null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> levels.change("debug", "a" + ".a".repeat(21), null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// As the gateway's classes ask.
    private static boolean debugs(String category) {
        boolean platform = System.getLogger(category).isLoggable(Level.DEBUG);
        assertThat(org.jboss.logging.Logger.getLogger(category).isDebugEnabled())
                .isEqualTo(platform);
        return platform;
    }
}
