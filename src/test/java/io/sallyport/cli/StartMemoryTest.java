package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cli.StartMemory.Mapping;
import org.junit.jupiter.api.Test;

class StartMemoryTest {
    private static final String SMAPS = """
            00400000-00452000 r--p 00000000 08:02 173521      /usr/local/bin/sallyport
            Size:                328 kB
            Rss:                 200 kB
            Anonymous:             0 kB
            LazyFree:              0 kB
            00452000-02752000 r-xp 00052000 08:02 173521      /usr/local/bin/sallyport
            Rss:               24000 kB
            Anonymous:             0 kB
            02752000-02753000 r--p 02352000 08:02 173521      /usr/local/bin/sallyport
            Rss:                   4 kB
            Anonymous:             4 kB
            02753000-04753000 rw-p 02353000 08:02 173521      /usr/local/bin/sallyport
            Rss:               12000 kB
            Anonymous:             0 kB
            7f0000000000-7f0000001000 r-xp 00000000 08:02 17  /usr/lib/libc.so.6
            Anonymous:             0 kB
            7f0000001000-7f0000002000 r--p 00000000 00:00 0
            Anonymous:             0 kB
            ffffffffff600000-ffffffffff601000 r-xp 0 00:00 0  /usr/local/bin/sallyport
            Anonymous:             0 kB
            """;

    @Test
    void onlyWhatTheFileHoldsIsGivenBack() {
        assertThat(StartMemory.unchanged(SMAPS.lines().toList(), "/usr/local/bin/sallyport"))
                .containsExactly(
                        new Mapping(0x400000, 0x452000),
                        new Mapping(0x452000, 0x2752000),
                        new Mapping(0xffffffffff600000L, 0xffffffffff601000L));
    }

    @Test
    void aFileThatIsNotMappedHasNone() {
        assertThat(StartMemory.unchanged(SMAPS.lines().toList(), "/usr/local/bin/other"))
                .isEmpty();
    }

    @Test
    void nothingHappensOnAJvm() {
        StartMemory.release();
    }
}
