package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// What all peers of a run share.
///
/// @param work a directory that goes with the run
/// @param origin port of the service behind them
/// @param chain PEM file, with its key in `key`
/// @param token for those that verify tokens
/// @param collector port of a collector of traces
record Site(Path work, int origin, Path chain, Path key, Token token, int collector) {
    /// Routes of the case with many of them, each a path prefix.
    static final int ROUTES = 1000;

    /// Beside this file.
    static final Path TEMPLATES = Path.of("loadtest", "bench");

    /// Writes a template with a peer's ports, too: `@HTTP@`, `@TLS@` and `@ROUTES@`.
    Path write(String template, String name, Ports ports, Map<String, String> more) throws IOException {
        Map<String, String> values = new HashMap<>(more);
        values.put("HTTP", "" + ports.http());
        values.put("TLS", "" + ports.tls());
        values.put("ROUTES", "" + ports.routes());
        return write(template, name, values);
    }

    /// Writes a template of this directory, filled in.
    ///
    /// @param values by name, `@NAME@` in the template; WORK, ORIGIN, CHAIN and KEY are filled in anyway
    Path write(String template, String name, Map<String, String> values) throws IOException {
        String text = Files.readString(TEMPLATES.resolve(template))
                .replace("@WORK@", work.toString())
                .replace("@ORIGIN@", "" + origin)
                .replace("@CHAIN@", chain.toString())
                .replace("@KEY@", key.toString());
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace("@" + value.getKey() + "@", value.getValue());
        }
        Path file = work.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
