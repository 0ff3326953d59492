package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The load's programs, on the core that the peers do not have.
final class Tool {
    static final String CORE = "1";

    private Tool() {}

    static boolean isOnPath(String program) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    static Process start(List<String> command) throws IOException {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", CORE));
        pinned.addAll(command);
        return new ProcessBuilder(pinned).redirectErrorStream(true).start();
    }

    /// What it printed.
    ///
    /// @throws IOException where its exit code is not 0
    static String output(Process process) throws IOException, InterruptedException {
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(process.info().commandLine().orElse("the load") + " failed: " + said);
        }
        return said;
    }
}
