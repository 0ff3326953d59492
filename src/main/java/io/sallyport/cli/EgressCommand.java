package io.sallyport.cli;

import io.sallyport.admin.ShortTime;
import io.sallyport.explain.egress.EgressReports;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.runtime.ConfigurationSources;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sallyport egress DIR`: what mesh clients may reach. With `--suggest` or `--unused` a running gateway is asked what
/// they did reach.
@Command(
        name = "egress",
        description = {
            "Prints the egress list of a configuration: host, port, protocol, how it is reached, and who names it.",
            "With --suggest or --unused it asks a running gateway how its list is used."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:printed",
            "1:the configuration has errors, or the running gateway does not answer",
            "2:the command line is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport egress /etc/sallyport/config",
            "  sallyport egress --suggest > learned.yaml    (with egress.mode=learn)",
            "  sallyport egress --unused 30d"
        })
public final class EgressCommand implements Callable<Integer> {
    private static final int FAILED = 1;

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
            arity = "0..1",
            description = "Directory of YAML files (sallyport.config.dir); not with --suggest or --unused.",
            defaultValue = "${sys:sallyport.config.dir:-${env:SALLYPORT_CONFIG_DIR}}")
    private @Nullable Path directory;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; text where not given.",
            defaultValue = "text")
    private Output output = Output.text;

    @Option(
            names = "--suggest",
            description =
                    "Prints ServiceEntries, ready to paste, for what a running gateway let out and does not list.")
    private boolean suggest;

    @Option(
            names = "--unused",
            paramLabel = "TIME",
            description = "Prints the entries of a running gateway that were not used for that long: 12h, 30d, 8w.")
    private @Nullable String unused;

    @Mixin
    private AdminOptions admin = new AdminOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (suggest && unused != null) {
            throw wrong("--suggest and --unused exclude each other");
        }
        if (suggest && output == Output.json) {
            throw wrong("--suggest prints YAML, not JSON; the admin API's /egress has the same as JSON");
        }
        try {
            return suggest || unused != null ? ask(out, err) : list(out, err);
        } finally {
            out.flush();
            err.flush();
        }
    }

    private int list(PrintWriter out, PrintWriter err) {
        if (directory == null) {
            throw wrong("DIR is needed: the directory of the configuration");
        }
        ConfigurationSource.Read read = ConfigurationSources.ofEgressList(instance.settings(), directory)
                .read();
        if (read.hasErrors()) {
            read.problems().stream().filter(problem -> problem.isError()).forEach(err::println);
            err.println("the configuration has errors: `sallyport validate " + directory + "` lists all");
            return FAILED;
        }
        switch (output) {
            case text -> EgressReports.printList(read.plan(), out);
            case json -> out.println(EgressReports.list(read.plan()).encodePrettily());
        }
        return 0;
    }

    private int ask(PrintWriter out, PrintWriter err) {
        Duration least = unused == null ? null : duration(unused);
        try (AdminClient gateway = admin.client()) {
            JsonObject report = gateway.object("/egress");
            try {
                if (least == null) {
                    EgressReports.printSuggestions(report, out, err);
                } else {
                    EgressReports.printUnused(report, least, output == Output.json, out, err);
                }
            } catch (ClassCastException
                    | IllegalArgumentException
                    | DateTimeParseException
                    | NullPointerException odd) {
                throw gateway.notUnderstood(odd);
            }
            return 0;
        } catch (IOException e) {
            err.println(e.getMessage());
            return FAILED;
        }
    }

    private Duration duration(String text) {
        Duration duration = ShortTime.parse(text);
        if (duration == null) {
            throw wrong("--unused takes a time such as 12h, 30d or 8w, not '" + text + "'");
        }
        return duration;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
