package io.sallyport.cli;

import io.sallyport.testing.BuiltProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// What tests of the built program have in common: a configuration directory, a free port in place of 80, and settings
/// by which the program ends at once.
abstract class BuiltProgramFixture {
    /// Is answered by the gateway itself.
    static final String HELLO = """
            - name: hello
              match: [{uri: {exact: /hello}}]
              directResponse: {status: 200, body: {string: hello}}
            """;

    @TempDir
    Path directory;

    /// The configuration directory.
    Path config;

    final Map<String, String> environment = new HashMap<>();
    final int port = BuiltProgram.freePort();

    @BeforeEach
    final void settings() throws IOException {
        config = Files.createDirectory(directory.resolve("config"));
        environment.put("SALLYPORT_CONFIG_DIR", config.toString());
        environment.put("SALLYPORT_PORT_MAP_80", Integer.toString(port));
        environment.put("SALLYPORT_DRAIN_DELAY", "0s");
    }

    static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: any\r\n\r\n";
    }

    /// A GET after whose response the connection ends.
    static String closing(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n";
    }
}
