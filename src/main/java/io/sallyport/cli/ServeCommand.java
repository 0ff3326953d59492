package io.sallyport.cli;

import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// Serves until it is told to stop.
@Command(
        name = "serve",
        description = "Runs the gateway: reads the configuration directory, serves it, and follows its changes.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped by SIGTERM or SIGINT, after its drain",
            "1:the first configuration cannot be served",
            "2:a setting or the command line is wrong",
        })
final class ServeCommand implements Callable<Integer> {
    // There is a bean only where the process serves; `--help` makes this command without any.
    @Inject
    @SuppressWarnings("NullAway.Init")
    Instance<QuarkusServing> serving;

    @Override
    public Integer call() {
        return serving.get().serve(Map.of(), _ -> {});
    }
}
