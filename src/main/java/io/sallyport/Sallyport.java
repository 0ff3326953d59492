package io.sallyport;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.sallyport.cli.SallyportCommand;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;

/// The program's entry. Only the commands that serve start Quarkus, and with it the health port: `validate` and
/// `explain` must run beside a serving gateway without taking its port, and in milliseconds.
@QuarkusMain
public final class Sallyport {
    private static final Set<String> SERVING = Set.of("serve", "demo");
    private static final Set<String> ASKING = Set.of("-h", "--help", "-V", "--version");

    private Sallyport() {}

    public static void main(String... args) {
        if (serves(List.of(args))) {
            Quarkus.run(Gateway.class, args);
        } else {
            System.exit(new CommandLine(new SallyportCommand()).execute(args));
        }
    }

    /// Without a command the gateway serves: that is what a container image runs.
    static boolean serves(List<String> args) {
        if (args.stream().anyMatch(ASKING::contains)) {
            return false;
        }
        return args.stream().filter(arg -> !arg.startsWith("-")).findFirst().map(SERVING::contains).orElse(true);
    }

    /// The command line inside Quarkus, so that a command may inject beans.
    public static final class Gateway implements QuarkusApplication {
        private final CommandLine commandLine;

        @Inject
        Gateway(CommandLine commandLine) {
            this.commandLine = commandLine;
        }

        @Override
        public int run(String... args) {
            return commandLine.execute(args);
        }
    }
}
