package io.sallyport.cli;

import io.sallyport.demo.DemoConfiguration;
import io.sallyport.demo.SampleServices;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Serves sample services with a sample configuration, and says what to try.
@Command(
        name = "demo",
        description = "Runs the gateway with sample services in the same process, and prints what to try.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class DemoCommand implements Callable<Integer> {
    private static final Duration SLOWNESS = Duration.ofSeconds(3);

    // There is a bean only where the process serves; `--help` makes this command without any.
    @Inject
    @SuppressWarnings("NullAway.Init")
    Instance<QuarkusServing> serving;

    @Option(names = "--http-port", description = "Port for plain text (default: ${DEFAULT-VALUE}).")
    int httpPort = 8080;

    @Option(names = "--https-port", description = "Port for TLS (default: ${DEFAULT-VALUE}).")
    int httpsPort = 8443;

    @Override
    public Integer call() throws IOException {
        QuarkusServing gateway = serving.get();
        try (SampleServices services = SampleServices.start(gateway.vertx(), SLOWNESS);
                DemoConfiguration demo = DemoConfiguration.write(services, httpPort, httpsPort)) {
            return gateway.serve(
                    demo.settings(),
                    settings -> System.out.print(
                            demo.tour(settings.admin().port(), settings.health().port())));
        }
    }
}
