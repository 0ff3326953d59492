package io.sallyport.cli;

import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;

/// The command under which all others stand; each of them is a class of its own in this package.
@Command(
        name = "sallyport",
        description = "An ingress and egress gateway that speaks Istio's resource format.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        customSynopsis = {"sallyport [COMMAND]", "       sallyport DIR", ""},
        footerHeading = "%n",
        footer = {
            "Without a command it serves: DIR, or else the directory in SALLYPORT_CONFIG_DIR",
            "(sallyport.config.dir, by default /etc/sallyport/config).",
            "'sallyport COMMAND --help' lists options and variables."
        },
        subcommands = {
            ServeCommand.class,
            DemoCommand.class,
            ValidateCommand.class,
            ExplainCommand.class,
            EgressCommand.class,
            PolicyCommand.class,
            WebhookCommand.class,
            StatusCommand.class,
            RoutesCommand.class,
            ClustersCommand.class,
            CertsCommand.class,
            TopClustersCommand.class
        })
public final class SallyportCommand {
    public static CommandLine commandLine() {
        return checkingPaths(new CommandLine(new SallyportCommand()));
    }

    /// Has it refuse empty paths: that of a variable that is not set would be the current directory.
    public static CommandLine checkingPaths(CommandLine commandLine) {
        return commandLine.registerConverter(Path.class, SallyportCommand::path);
    }

    private static Path path(String text) {
        if (text.isBlank()) {
            throw new TypeConversionException("the path is empty");
        }
        return Path.of(text);
    }
}
