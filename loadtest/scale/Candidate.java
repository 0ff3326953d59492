package scale;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A gateway to measure.
///
/// @param command without its arguments
record Candidate(String name, List<String> command) {

    /// The command in GATEWAY_COMMAND, else the jar and what native executable there is.
    static List<Candidate> available() {
        String given = System.getenv("GATEWAY_COMMAND");
        if (given != null && !given.isBlank()) {
            return List.of(new Candidate("GATEWAY_COMMAND", words(given)));
        }
        List<Candidate> found = new ArrayList<>();
        List<String> java = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        java.addAll(words(System.getenv().getOrDefault("JAVA_FLAGS", "")));
        java.addAll(List.of("-jar", Path.of("target", "quarkus-app", "quarkus-run.jar").toString()));
        if (Files.exists(Path.of(java.getLast()))) {
            found.add(new Candidate("JVM " + System.getProperty("java.version"), java));
        }
        String[] runners = Path.of("target").toFile().list((directory, file) -> file.endsWith("-runner"));
        if (runners != null && runners.length > 0) {
            found.add(new Candidate("native", List.of(Path.of("target", runners[0]).toString())));
        }
        return found;
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split(" ")).filter(word -> !word.isBlank()).toList();
    }
}
