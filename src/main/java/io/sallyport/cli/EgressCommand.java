package io.sallyport.cli;

import io.sallyport.explain.egress.EgressReports;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.runtime.ConfigurationSources;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final Pattern TIME = Pattern.compile("([1-9]\\d{0,5})([smhdw])");

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

    @Option(
            names = "--admin",
            paramLabel = "URL",
            description = "Admin API of the running gateway. Default: ${DEFAULT-VALUE}.")
    private URI admin = URI.create("http://127.0.0.1:15000");

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
        if (!"http".equals(admin.getScheme()) || admin.getHost() == null) {
            throw wrong("--admin takes an address such as http://127.0.0.1:15000, not '" + admin + "'");
        }
        try {
            if (least == null) {
                EgressReports.printSuggestions(admin, out, err);
            } else {
                EgressReports.printUnused(admin, least, output == Output.json, out, err);
            }
            return 0;
        } catch (IOException e) {
            err.println(e.getMessage());
            return FAILED;
        }
    }

    private Duration duration(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw wrong("--unused takes a time such as 12h, 30d or 8w, not '" + text + "'");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> Duration.ofDays(7 * number);
        };
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
