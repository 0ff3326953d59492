package io.sallyport.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EgressUsageFileTest {
    private static final long BEGIN = 1_777_636_800_000L;

    @TempDir
    Path directory;

    @Test
    void usesSurviveARestart() {
        EgressUsage first = usage(BEGIN);
        try (var file = EgressUsageFile.open(file(), first)) {
            first.onRequestEnd(Facts.letOut());
            first.onRequestEnd(Facts.unlisted("a.example"));
            first.onRequestEnd(Facts.denied());
        }
        EgressUsage second = usage(BEGIN + 3_600_000);
        try (var file = EgressUsageFile.open(file(), second)) {
            RequestFacts later = Facts.letOut();
            later.startMillis += 1_800_000;
            second.onRequestEnd(later);
        }
        EgressUsage third = usage(BEGIN + 7_200_000);
        EgressUsageFile.open(file(), third).close();

        assertThat(third.sinceMillis()).isEqualTo(BEGIN);
        assertThat(third.listed())
                .containsExactly(new EgressUse(
                        "ServiceEntry default/partner",
                        "api.partner.example",
                        443,
                        "TLS",
                        2,
                        BEGIN,
                        BEGIN + 1_860_000,
                        false));
        assertThat(third.learned())
                .containsExactly(new EgressUse(null, "a.example", 443, "TLS", 1, BEGIN, BEGIN + 60_000, false));
        assertThat(third.denied()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{\"version\": 2}",
                "{\"version\": 1}",
                "{\"version\": 1, \"since\": \"2026-05-01T12:00:00Z\", \"listed\": [1], \"learned\": []}",
                "{\"version\": 1, \"since\": \"2026-05-01T12:00:00Z\", \"listed\": [{\"port\": 1}], \"learned\": []}",
            })
    void aBrokenFileIsPutAsideAndAnotherBegun(String content) throws Exception {
        Files.writeString(file(), content);

        EgressUsage usage = usage(BEGIN);
        EgressUsageFile.open(file(), usage).close();

        assertThat(directory.resolve("usage.json.broken")).hasContent(content);
        assertThat(usage.listed()).isEmpty();
        EgressUsage next = usage(BEGIN + 1_000);
        EgressUsageFile.open(file(), next).close();
        assertThat(next.sinceMillis()).isEqualTo(BEGIN);
    }

    @Test
    void whatIsNoFileIsLeftAsItIs() throws Exception {
        Path kept = Files.createFile(Files.createDirectory(file()).resolve("kept"));

        EgressUsage usage = usage(BEGIN);
        try (var file = EgressUsageFile.open(file(), usage)) {
            usage.onRequestEnd(Facts.letOut());
            file.save();
        }

        assertThat(kept).exists();
        assertThat(directory).isDirectoryNotContaining("glob:**.broken");
    }

    @Test
    void aFileThatCannotBeWrittenIsNotFatal() {
        EgressUsage usage = usage(BEGIN);
        try (var file = EgressUsageFile.open(directory.resolve("none").resolve("usage.json"), usage)) {
            usage.onRequestEnd(Facts.letOut());
        }

        assertThat(usage.listed()).hasSize(1);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void nothingIsWrittenWhereNothingHasChanged() throws Exception {
        EgressUsage usage = usage(BEGIN);
        try (var file = EgressUsageFile.open(file(), usage)) {
            file.save();
            Files.delete(file());
            file.save();
            assertThat(file()).doesNotExist();

            usage.onRequestEnd(Facts.letOut());
            file.save();
            assertThat(file()).content().contains("\"requests\" : 1");
        }
    }

    private Path file() {
        return directory.resolve("usage.json");
    }

    private static EgressUsage usage(long now) {
        return new EgressUsage(Clock.fixed(Instant.ofEpochMilli(now), ZoneOffset.UTC), 10);
    }
}
