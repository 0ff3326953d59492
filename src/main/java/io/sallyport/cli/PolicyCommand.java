package io.sallyport.cli;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.explain.PolicyTable;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.runtime.ConfigurationSources;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsView;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sallyport policy DIR`: who may call what.
@Command(
        name = "policy",
        description = {
            "Prints who may call what by the AuthorizationPolicies of a configuration: destination, action, source,",
            "methods and paths. Rows of a destination stand in the order in which they decide."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "1:the configuration has errors", "2:the command line is wrong"})
public final class PolicyCommand implements Callable<Integer> {
    private static final int CONFIGURATION_ERRORS = 1;

    enum Output {
        text,
        json
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private InstanceOptions instance = new InstanceOptions();

    @Parameters(paramLabel = "DIR", description = "Directory of the resources; - for manifests on standard input.")
    private Path directory = Path.of(".");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; text where not given.",
            defaultValue = "text")
    private Output output = Output.text;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Settings settings = instance.settings();
        ConfigurationSource.Read read =
                ConfigurationSources.of(settings, directory, null, null).read();
        if (read.hasErrors()) {
            read.problems().stream().filter(problem -> problem.isError()).forEach(err::println);
            err.println("the configuration has errors: `sallyport validate " + directory + "` lists all");
            err.flush();
            return CONFIGURATION_ERRORS;
        }
        PolicyTable table = PolicyTable.of(new ConfigurationIndex(read.configuration(), SettingsView.scope(settings)));
        if (output == Output.json) {
            out.println(table.json());
        } else {
            table.print(out);
        }
        out.flush();
        return 0;
    }
}
