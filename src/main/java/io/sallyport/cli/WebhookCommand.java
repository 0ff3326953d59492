package io.sallyport.cli;

import io.sallyport.identity.CredentialException;
import io.sallyport.runtime.ConfigurationSources;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.webhook.AdmissionReviews;
import io.sallyport.webhook.WebhookServer;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Serves a validating admission webhook until the process is asked to stop.
@Command(
        name = "webhook",
        description = {
            "Answers a Kubernetes API server whether a ConfigMap or one of Istio's resources may be stored, over HTTPS:",
            "POST /validate (AdmissionReview, admission.k8s.io/v1) and GET /healthz."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped by SIGTERM or SIGINT",
            "1:the port or the certificate cannot be used",
            "2:a setting or the command line is wrong"
        })
final class WebhookCommand implements Callable<Integer> {
    private static final int START_FAILED = 1;
    private static final Duration PERIOD = Duration.ofSeconds(5);

    // There is a bean only where the process serves; `--help` makes this command without any.
    @Inject
    @SuppressWarnings("NullAway.Init")
    Instance<QuarkusServing> serving;

    @Mixin
    private InstanceOptions instance = new InstanceOptions();

    @Option(names = "--port", paramLabel = "PORT", description = "Default: ${DEFAULT-VALUE}.")
    private int port = 9443;

    @Option(
            names = "--tls-dir",
            paramLabel = "DIR",
            required = true,
            description = "Directory of tls.crt and tls.key, a Secret's files; followed without a restart.")
    private Path tls = Path.of(".");

    @Override
    public Integer call() {
        Settings settings = instance.settings();
        var reviews = new AdmissionReviews(manifest ->
                ConfigurationSources.ofManifest(settings, manifest).read().problems());
        QuarkusServing gateway = serving.get();
        try (var server =
                new WebhookServer(gateway.vertx(), port, tls, PERIOD, WebhookServer.Limits.DEFAULT, reviews)) {
            System.err.println("the webhook listens on port " + server.port());
            gateway.awaitStop();
            return 0;
        } catch (CredentialException | IOException e) {
            System.err.println(e.getMessage());
            return START_FAILED;
        }
    }
}
