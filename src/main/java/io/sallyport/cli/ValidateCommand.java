package io.sallyport.cli;

import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.Severity;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.reload.ConfigurationSource.OnError;
import io.sallyport.runtime.ConfigurationSources;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sallyport validate DIR`, or `-` for standard input: every problem of a configuration directory at once.
@Command(
        name = "validate",
        description = "Reads a configuration directory, or manifests, and lists everything that is wrong with it.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:no errors", "1:errors", "2:wrong usage"})
public final class ValidateCommand implements Callable<Integer> {
    private static final int VALID = 0;
    private static final int INVALID = 1;

    enum Output {
        text,
        json
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private InstanceOptions instance = new InstanceOptions();

    @Parameters(
            paramLabel = "DIR",
            description =
                    "Directory of YAML files (sallyport.config.dir); - for manifests on standard input, with ConfigMaps"
                            + " that hold such files.",
            defaultValue = "${sys:sallyport.config.dir:-${env:SALLYPORT_CONFIG_DIR}}")
    private Path directory = Path.of(".");

    @Option(
            names = "--secrets",
            paramLabel = "DIR",
            description = "Directory of TLS secrets (sallyport.secrets.dir); without one they are taken to be there.",
            defaultValue = "${sys:sallyport.secrets.dir:-${env:SALLYPORT_SECRETS_DIR}}")
    private @Nullable Path secrets;

    @Option(
            names = "--identity",
            paramLabel = "DIR",
            description =
                    "Directory of the gateway's own certificate in the mesh (sallyport.identity.dir); without one it"
                            + " is taken to be there.",
            defaultValue = "${sys:sallyport.identity.dir:-${env:SALLYPORT_IDENTITY_DIR}}")
    private @Nullable Path identity;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; text where not given.",
            defaultValue = "text")
    private Output output = Output.text;

    @Option(names = "--strict", description = "Count warnings as errors.")
    private boolean strict;

    @Override
    public Integer call() {
        ConfigurationSource.Read read = ConfigurationSources.of(instance.settings(), directory, secrets, identity)
                .read();
        List<Problem> problems =
                strict ? read.problems().stream().map(ValidateCommand::strictly).toList() : read.problems();
        ValidationReport report = ValidationReport.of(read.configuration(), problems, consequences(read));
        PrintWriter out = spec.commandLine().getOut();
        switch (output) {
            case text -> report.print(out);
            case json -> out.println(report.json().encodePrettily());
        }
        out.flush();
        return report.errors() > 0 ? INVALID : VALID;
    }

    /// Of a directory: what a gateway has of manifests is decided where they are applied.
    private Consequences consequences(ConfigurationSource.Read read) {
        return read.hasErrors() && !ConfigurationSources.isStandardInput(directory)
                ? Consequences.of(
                        ConfigurationSources.of(instance.settings(), directory, secrets, identity, OnError.ISOLATE)
                                .read())
                : Consequences.NONE;
    }

    private static Problem strictly(Problem problem) {
        return problem.severity() == Severity.WARNING
                ? new Problem(
                        Severity.ERROR,
                        problem.code(),
                        problem.at(),
                        problem.field(),
                        problem.message(),
                        problem.hint())
                : problem;
    }
}
