package bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// One of the proxies that are compared.
interface Peer {
    /// Its core; the load and the origin have the other.
    String CORE = "0";

    String name();

    /// One line for the report.
    String version() throws IOException, InterruptedException;

    /// What it is compared with, and by.
    enum Field {
        /// All loads; each writes an access log and adds the same headers.
        EQUAL,
        /// All loads; none writes an access log, and the others add no headers.
        LEAN,
        /// The small request only.
        VARIANT
    }

    Field field();

    default boolean runs(Load load) {
        return load == Load.SMALL || field() != Field.VARIANT;
    }

    /// Whether it is slow at first: a JVM compiles while it runs.
    default boolean warmsUp() {
        return false;
    }

    /// What its requests carry besides, such as `Authorization: Bearer …`.
    default List<String> headers(Site site) {
        return List.of();
    }

    /// Writes its configuration and says how it is started.
    Start prepare(Site site, Ports ports) throws IOException;

    /// @param commands a process each
    /// @param ports as it took them: some peers serve two things on one port
    record Start(List<List<String>> commands, Map<String, String> environment, Ports ports) {}

    /// The JVM that runs this.
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /// The first line that a command says of its version.
    static String ask(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return said.lines().findFirst().orElse("unknown").strip();
    }
}
