package io.sallyport.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;

/// Programs that users of the gateway have, and a machine that builds it may lack.
public final class InstalledTool {
    private InstalledTool() {}

    /// Skips the test where a command cannot be run, or fails.
    ///
    /// @param command that only shows that the tool is there
    public static void assume(String... command) {
        try {
            int status = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            assumeTrue(status == 0, () -> String.join(" ", command) + " fails");
        } catch (IOException | InterruptedException e) {
            assumeTrue(false, () -> "no " + command[0] + ": " + e.getMessage());
        }
    }
}
