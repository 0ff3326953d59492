package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartMemoryTest {
    private static final String EXECUTABLE = "/opt/a program (deleted)";

    @ParameterizedTest(name = "{0} of {1}, anonymous {2} kB, swapped {3} kB: given back {4}")
    @CsvSource({
        "r-xp, /opt/a program (deleted), 0, 0, true",
        "r--p, /opt/a program (deleted), 0, 0, true",
        "r--s, /opt/a program (deleted), 0, 0, true",
        // Written to before it was made read-only.
        "r--p, /opt/a program (deleted), 4, 0, false",
        "r--p, /opt/a program (deleted), 0, 12, false",
        // May be written to at any time.
        "rw-p, /opt/a program (deleted), 0, 0, false",
        "rwxp, /opt/a program (deleted), 0, 0, false",
        // No file: memory that is gone when it is given back.
        "r--p, '', 0, 0, false",
        "r-xp, [vdso], 0, 0, false",
        // By the time that it is given back, something else may be there.
        "r-xp, /usr/lib/libc.so.6, 0, 0, false",
        "---p, /opt/a program (deleted), 0, 0, false",
    })
    void onlyWhatTheFileStillHasIsGivenBack(
            String permissions, String path, int anonymous, int swapped, boolean given) {
        List<String> lines = mapping("00410000-03838000", permissions, path, anonymous, swapped);

        assertThat(StartMemory.clean(lines, EXECUTABLE))
                .isEqualTo(given ? List.of(new StartMemory.Range(0x410000, 0x3838000)) : List.of());
    }

    @Test
    void eachMappingIsJudgedByItself() {
        List<String> lines = new ArrayList<>();
        lines.addAll(mapping("7f0000000000-7f0000001000", "r--p", EXECUTABLE, 4, 0));
        lines.addAll(mapping("7f0000001000-7f0000003000", "r-xp", EXECUTABLE, 0, 0));
        lines.addAll(mapping("ffffffffff600000-ffffffffff601000", "r-xp", "[vsyscall]", 0, 0));
        lines.addAll(mapping("7f0000003000-7f0000004000", "rw-p", EXECUTABLE, 0, 0));
        lines.addAll(mapping("7f0000004000-7f0000005000", "r--p", EXECUTABLE, 0, 0));

        assertThat(StartMemory.clean(lines, EXECUTABLE))
                .containsExactly(
                        new StartMemory.Range(0x7f0000001000L, 0x7f0000003000L),
                        new StartMemory.Range(0x7f0000004000L, 0x7f0000005000L));
    }

    /// As Linux 6.18 writes it.
    private static List<String> mapping(String range, String permissions, String path, int anonymous, int swapped) {
        return """
                %s %s 03470000 fe:00 203440                         %s
                Size:              53408 kB
                Rss:               33568 kB
                Private_Dirty:     33568 kB
                Anonymous:         %5d kB
                AnonHugePages:         4 kB
                Swap:              %5d kB
                SwapPss:               0 kB
                VmFlags: rd ex mr mw me""".formatted(range, permissions, path, anonymous, swapped)
                .lines()
                .toList();
    }
}
