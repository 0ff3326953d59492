package io.sallyport.config;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;

/// Runs on its seeds in the suite, and for as long as one likes with `JAZZER_FUZZ=1`.
class ConfigurationFuzzTest {

    @FuzzTest
    void noContentThrows(byte[] content) {
        ConfigurationLoader.load(List.of(new SourceFile("fuzz.yaml", content)), LoadOptions.DEFAULT);
    }
}
