package io.sallyport.cli;

import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Serves until the process is asked to stop.
@Command(
        name = "serve",
        description = "Runs the gateway: reads the configuration directory, serves it, and follows its changes.",
        footerHeading = "%nVariables (config/settings.md lists all settings):%n",
        footer = {
            "  SALLYPORT_CONFIG_DIR     the directory, where DIR is not given",
            "  SALLYPORT_SECRETS_DIR    certificates: <credentialName>/tls.crt, tls.key",
            "  SALLYPORT_PORT_MAP_<n>   the port to bind for a Gateway's port <n>",
            "  SALLYPORT_MESH_ENABLED   true: the forward proxy for egress, port 15001",
            "  SALLYPORT_HEALTH_PORT    health and metrics (15021)",
            "  SALLYPORT_ADMIN_PORT     admin API on 127.0.0.1 (15000)"
        },
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

    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            description = {
                "Directory of the YAML files.",
                "Default: sallyport.config.dir (SALLYPORT_CONFIG_DIR), or /etc/sallyport/config."
            })
    private @Nullable Path directory;

    @Override
    public Integer call() {
        return serving.get().serve(fixed(), _ -> {});
    }

    /// A directory that is named takes the place of both settings that say where the configuration is.
    private Map<String, String> fixed() {
        return directory == null
                ? Map.of()
                : Map.of("sallyport.config.dir", directory.toString(), "sallyport.discovery.config-map", "");
    }
}
