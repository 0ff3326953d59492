package io.sallyport.cli;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.explain.HeldVersions;
import io.sallyport.explain.LoggedRequest;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.reload.ConfigurationSource.OnError;
import io.sallyport.runtime.ConfigurationSources;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsView;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Says what would become of a request, and why: `serve`'s own decisions, without sending anything.
@Command(
        name = "explain",
        description = "Says which way a request would take, and why the nearer candidates did not match.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the request would be forwarded, or answered as configured",
            "1:the configuration has errors, and is refused as a whole",
            "2:the command line or the file of requests is wrong",
            "3:the request would be refused"
        })
public final class ExplainCommand implements Callable<Integer> {
    private static final int CONFIGURATION_ERRORS = 1;
    private static final int REFUSED = 3;
    private static final Map<String, String> MESH = Map.of("sallyport.mesh.enabled", "true");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private InstanceOptions instance = new InstanceOptions();

    @Parameters(paramLabel = "DIR", description = "Directory of the resources; - for manifests on standard input.")
    private Path directory = Path.of(".");

    @Option(
            names = "--secrets",
            paramLabel = "DIR",
            description = "Directory of the secrets; without it certificates are not read.")
    private @Nullable Path secrets;

    @Option(
            names = "--identity",
            paramLabel = "DIR",
            description =
                    "Directory of the gateway's own certificate in the mesh (sallyport.identity.dir); without one it"
                            + " is taken to be there.")
    private @Nullable Path identity;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description =
                    "What a gateway has kept of what it served (sallyport.config.state-dir): resources with errors"
                            + " are held or left out as it would after a restart, instead of ending this.")
    private @Nullable Path stateDir;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The request's address, such as https://shop.example/cart?id=1.")
    private @Nullable String url;

    @Option(
            names = {"-X", "--method"},
            paramLabel = "METHOD",
            description = "Default: ${DEFAULT-VALUE}.")
    private String method = "GET";

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME:VALUE",
            description = "A header field; may be repeated. Host is sent instead of the URL's.")
    private List<String> headers = List.of();

    @Option(
            names = "--sni",
            paramLabel = "NAME",
            description = "The server name of the ClientHello; default: the URL's host.")
    private @Nullable String sni;

    @Option(names = "--port", paramLabel = "PORT", description = "The Gateway's port; default: the URL's.")
    private @Nullable Integer port;

    @Option(
            names = "--via",
            paramLabel = "mesh",
            description = "mesh: the client has the mesh listener as its proxy, or is sent there by the network.")
    private @Nullable String via;

    @Option(
            names = "--connect",
            paramLabel = "HOST:PORT",
            description = "A mesh client's CONNECT; --sni says what TLS in the tunnel names, default: the host.")
    private @Nullable String connect;

    @Option(
            names = "--token",
            paramLabel = "FILE|JWT",
            description =
                    "A JSON Web Token, or the file that holds one: sent as Authorization: Bearer. Its signature is"
                            + " verified where the keys are in the configuration.")
    private @Nullable String token;

    @Option(names = "--principal", paramLabel = "ID", description = "The client's verified identity.")
    private @Nullable String principal;

    @Option(names = "--source-ip", paramLabel = "IP", description = "The client's address. Default: ${DEFAULT-VALUE}.")
    private String sourceIp = "127.0.0.1";

    @Option(
            names = "--requests",
            paramLabel = "FILE",
            description = "YAML list of requests (port, tls, sni, host, method, path, headers, principal, sourceIp):"
                    + " prints one line of JSON for each and exits with 0.")
    private @Nullable Path requests;

    @Option(
            names = "--why-denied",
            paramLabel = "LOGLINE",
            description =
                    "A line of the JSON access log, or - for one on standard input: explains the request that it is"
                            + " about. The log has few header fields; others are taken to be absent.")
    private @Nullable String whyDenied;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "text or json. Default: ${DEFAULT-VALUE}.")
    private String output = "text";

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (!output.equals("json") && !output.equals("text")) {
            throw new ParameterException(spec.commandLine(), "-o takes text or json, not '" + output + "'");
        }
        if (ConfigurationSources.isStandardInput(directory) && "-".equals(whyDenied)) {
            throw new ParameterException(
                    spec.commandLine(), "DIR and --why-denied cannot both be -: there is one standard input");
        }
        LoggedRequest logged = whyDenied == null ? null : logged(whyDenied);
        boolean mesh = via != null || connect != null || (logged != null && logged.isMesh());
        Settings settings = instance.settings(defaults(mesh));
        ConfigurationSource.Read read = ConfigurationSources.afterRestart(
                        settings, directory, secrets, identity, onError(settings))
                .read();
        if (read.isRefused()) {
            read.problems().stream().filter(problem -> problem.isError()).forEach(err::println);
            err.println("the configuration has errors: `sallyport validate " + directory + "` lists all");
            return CONFIGURATION_ERRORS;
        }
        Consequences.ofFaults(read).forEach(err::println);
        err.flush();
        Explainer explainer = new Explainer(
                        read.plan(),
                        ConfigurationSources.proxySettings(settings),
                        new ConfigurationIndex(read.configuration(), SettingsView.scope(settings)),
                        new HeldVersions(read.faults()))
                .refusingUnderscores(settings.rejectUnderscores());
        if (requests != null) {
            explainAll(explainer, requests, out);
            return 0;
        }
        Explainer.Answer answer = logged == null ? explainer.explain(request()) : explainer.explain(logged);
        if (output.equals("json")) {
            out.println(answer.json());
        } else {
            answer.print(out);
        }
        out.flush();
        return answer.refused() ? REFUSED : 0;
    }

    /// As `serve` does; what a gateway has of manifests is decided where they are applied.
    private OnError onError(Settings settings) {
        return ConfigurationSources.isStandardInput(directory)
                ? OnError.REFUSE
                : settings.config().onError();
    }

    private Map<String, String> defaults(boolean mesh) {
        Map<String, String> defaults = new HashMap<>(mesh ? MESH : Map.of());
        if (stateDir != null) {
            defaults.put("sallyport.config.state-dir", stateDir.toString());
        }
        return defaults;
    }

    private void explainAll(Explainer explainer, Path file, PrintWriter out) {
        try {
            for (ExplainedRequest request : Explainer.requests(file)) {
                out.println(explainer.explain(request).json());
            }
            out.flush();
        } catch (IOException unreadable) {
            throw new ParameterException(
                    spec.commandLine(), "--requests " + file + " cannot be read: " + unreadable, unreadable);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private List<String> withToken() {
        if (token == null) {
            return headers;
        }
        List<String> all = new ArrayList<>(headers);
        all.add("authorization: Bearer " + tokenText(token));
        return all;
    }

    private static String tokenText(String given) {
        try {
            return Files.isRegularFile(Path.of(given))
                    ? Files.readString(Path.of(given)).strip()
                    : given;
        } catch (IOException | InvalidPathException unreadable) {
            throw new IllegalArgumentException("--token cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private LoggedRequest logged(String line) {
        try {
            return LoggedRequest.parse(line.equals("-") ? firstLine() : line);
        } catch (IOException | IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), "--why-denied: " + wrong.getMessage(), wrong);
        }
    }

    private static String firstLine() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (!line.isBlank()) {
                return line;
            }
        }
        throw new IOException("there is no line on standard input");
    }

    private ExplainedRequest request() {
        if (url == null && connect == null && (via == null || sni == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--url, --connect, --via mesh with --sni, --why-denied, or --requests is needed");
        }
        if (url != null && connect != null) {
            throw new ParameterException(spec.commandLine(), "--url and --connect are two requests: give one of them");
        }
        try {
            ExplainedRequest.Client client = new ExplainedRequest.Client(sni, principal, sourceIp);
            return Explainer.request(url, method, withToken(), port, connect, via, client);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
        }
    }
}
