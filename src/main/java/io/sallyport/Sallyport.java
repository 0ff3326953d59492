package io.sallyport;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.sallyport.cli.SallyportCommand;
import io.sallyport.cli.StandardStreams;
import io.sallyport.cli.settings.SettingsException;
import io.sallyport.cli.settings.SettingsLoader;
import io.sallyport.identity.JdkTls;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.ConfigProvider;
import picocli.CommandLine;

/// The program's entry. Only the commands that serve start Quarkus, and with it the health port: `validate` and
/// `explain` must run beside a serving gateway without taking its port, and in milliseconds.
@QuarkusMain
public final class Sallyport {
    private static final Set<String> SERVING = Set.of("serve", "demo");
    private static final Set<String> ASKING = Set.of("-h", "--help", "-V", "--version");

    private static final int SETTINGS_REFUSED = 2;

    /// Without a command the gateway serves: that is what a container image runs.
    private static final String[] DEFAULT_COMMAND = {"serve"};

    // For Quarkus, which makes a bean of the class that holds main.
    Sallyport() {}

    public static void main(String... args) {
        JdkTls.prepare();
        String[] command = args.length == 0 ? DEFAULT_COMMAND : args;
        if (serves(List.of(command))) {
            StandardStreams.install();
            checkSettings();
            // Quarkus turns WebSocket off for every server of Vert.x in the process; the demo's services answer it.
            System.setProperty("vertx.disableWebsockets", "false");
            Quarkus.run(Gateway.class, command);
        } else {
            System.exit(new CommandLine(new SallyportCommand()).execute(command));
        }
    }

    /// Before Quarkus does, which would tell of wrong types only, and not of what is unknown or out of range.
    private static void checkSettings() {
        try {
            SettingsLoader.load();
        } catch (SettingsException e) {
            System.err.println(e.getMessage());
            System.exit(SETTINGS_REFUSED);
        }
    }

    static boolean serves(List<String> command) {
        return SERVING.contains(command.getFirst()) && command.stream().noneMatch(ASKING::contains);
    }

    /// The command line inside Quarkus, whose commands may therefore inject beans.
    static final class Gateway implements QuarkusApplication {
        private final CommandLine commandLine;

        @Inject
        Gateway(CommandLine commandLine) {
            this.commandLine = commandLine;
        }

        @Override
        public int run(String... args) {
            StandardStreams.adoptLog(ConfigProvider.getConfig().getValue("quarkus.log.console.stderr", Boolean.class));
            return commandLine.execute(args);
        }
    }
}
