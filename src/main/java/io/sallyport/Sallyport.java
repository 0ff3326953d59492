package io.sallyport;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.sallyport.cli.NativeLibraries;
import io.sallyport.cli.SallyportCommand;
import io.sallyport.cli.StandardStreams;
import io.sallyport.cli.StopSignals;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsException;
import io.sallyport.runtime.settings.SettingsLoader;
import io.sallyport.runtime.settings.SettingsView;
import io.sallyport.tls.JdkTls;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/// The program's entry. Only the commands that serve start Quarkus, and with it the health port: `validate` and
/// `explain` must run beside a serving gateway without taking its port, and in milliseconds.
@QuarkusMain
public final class Sallyport {
    private static final Set<String> SERVING = Set.of("serve", "demo", "webhook");
    private static final Set<String> OTHERS =
            Set.of("validate", "explain", "egress", "policy", "status", "routes", "clusters", "certs", "top");
    private static final Set<String> ASKING = Set.of("-h", "--help", "-V", "--version");

    private static final int START_FAILED = 1;
    private static final int SETTINGS_REFUSED = 2;
    private static final int OUTPUT_LOST = 1;

    // For Quarkus, which makes a bean of the class that holds main.
    Sallyport() {}

    public static void main(String... args) {
        JdkTls.prepare();
        List<String> command = command(List.of(args));
        String[] words = command.toArray(String[]::new);
        if (serves(command)) {
            StopSignals.endAtOnce();
            StandardStreams.install();
            NativeLibraries.load();
            checkSettings();
            // Quarkus turns WebSocket off for every server of Vert.x in the process; the demo's services answer it.
            System.setProperty("vertx.disableWebsockets", "false");
            Quarkus.run(Gateway.class, Sallyport::exit, words);
        } else {
            int code = SallyportCommand.commandLine().execute(words);
            if (System.out.checkError()) {
                System.err.println("the output cannot be written");
                code = Math.max(code, OUTPUT_LOST);
            }
            System.exit(code);
        }
    }

    /// Without a command the gateway serves, the directory of its settings (as in a container image) or the one named.
    static List<String> command(List<String> arguments) {
        if (arguments.isEmpty()) {
            return List.of("serve");
        }
        String first = arguments.getFirst();
        return first.startsWith("-") || isCommand(first) || !isDirectory(first)
                ? arguments
                : Stream.concat(Stream.of("serve"), arguments.stream()).toList();
    }

    static boolean isCommand(String word) {
        return SERVING.contains(word) || OTHERS.contains(word);
    }

    /// A word with a slash can be nothing else, also where the directory is missing.
    private static boolean isDirectory(String word) {
        return word.contains("/") || Files.isDirectory(Path.of(word));
    }

    /// Ends the process; called by Quarkus when the command has returned or the start failed.
    private static void exit(int code, @Nullable Throwable failure) {
        if (failure == null) {
            System.exit(code);
            return;
        }
        System.err.println("Sallyport cannot start:");
        failure.printStackTrace();
        System.exit(START_FAILED);
    }

    /// Before Quarkus does, which would tell of wrong types only, and not of what is unknown or out of range.
    private static void checkSettings() {
        try {
            useEventLoops(SettingsLoader.load());
        } catch (SettingsException e) {
            System.err.println(e.getMessage());
            System.exit(SETTINGS_REFUSED);
        }
    }

    /// The process's Vert.x is the data plane's: it has as many event loops, and health and metrics share them.
    private static void useEventLoops(Settings settings) {
        System.setProperty("quarkus.vertx.event-loops-pool-size", String.valueOf(SettingsView.eventLoops(settings)));
    }

    static boolean serves(List<String> command) {
        return SERVING.contains(command.getFirst()) && command.stream().noneMatch(ASKING::contains);
    }

    /// The command line inside Quarkus, whose commands may therefore inject beans.
    static final class Gateway implements QuarkusApplication {
        private final CommandLine commandLine;

        @Inject
        Gateway(CommandLine commandLine) {
            this.commandLine = SallyportCommand.checkingPaths(commandLine);
        }

        @Override
        public int run(String... args) {
            StandardStreams.adoptLog(ConfigProvider.getConfig().getValue("quarkus.log.console.stderr", Boolean.class));
            return commandLine.execute(args);
        }
    }
}
