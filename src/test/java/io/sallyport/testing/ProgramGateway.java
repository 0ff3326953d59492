package io.sallyport.testing;

import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.reload.Reloader;
import io.sallyport.upstream.PoolUsage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The program that was built, asked over its admin port and known by its access log.
final class ProgramGateway extends TestGateway {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Reloader.Took UNMEASURED = new Reloader.Took(Duration.ZERO, Duration.ZERO);

    private final Map<String, String> environment;
    private BuiltProgram program;
    /// What the program said of itself when it was last waited for.
    private JsonObject last;

    ProgramGateway(GatewayBuilder builder) throws IOException {
        super(builder);
        environment = new ProgramSettings(builder).environment(this);
    }

    @Override
    TestGateway serve(String yaml) throws IOException {
        write(yaml);
        program = BuiltProgram.start(environment, "serve");
        try {
            program.awaitLine(program.err, "; started in ");
        } catch (AssertionError e) {
            close();
            throw new AssertionError("refused: " + program.err, e);
        }
        // What is read from now on is read with the same history, such as the last good certificates.
        read();
        last = status();
        return this;
    }

    /// The program finds by itself what has changed, often before this is called: it waits until the program says so.
    @Override
    public Reloader.Outcome reload() {
        ConfigurationSource.Read expected = read();
        if (serves(last, expected)) {
            return new Reloader.Outcome(false, true, null, expected.problems(), null, UNMEASURED);
        }
        JsonObject before = last;
        last = await().atMost(SOON)
                .until(this::status, now -> serves(now, expected) || isRefused(before, now, expected));
        JsonObject refused = last.getJsonObject("refused");
        return new Reloader.Outcome(
                serves(last, expected),
                false,
                null,
                expected.problems(),
                refused == null ? null : refused.getString("failure"),
                UNMEASURED);
    }

    private static boolean serves(JsonObject status, ConfigurationSource.Read expected) {
        return expected.contentHash().equals(status.getString("contentHash")) && status.getValue("refused") == null;
    }

    private static boolean isRefused(JsonObject before, JsonObject now, ConfigurationSource.Read expected) {
        JsonObject refused = now.getJsonObject("refused");
        if (refused == null) {
            return false;
        }
        return expected.hasErrors()
                ? refused.getJsonArray("problems").size() == expected.problems().size()
                : refused.getString("failure") != null && !refused.equals(before.getJsonObject("refused"));
    }

    private JsonObject status() {
        return new JsonObject(admin("/config_dump"));
    }

    private String admin(String path) {
        try {
            String response = program.admin(path);
            return response.substring(response.indexOf("\r\n\r\n") + 4);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long generation() {
        return status().getLong("generation");
    }

    @Override
    public List<RequestFacts> facts() {
        return program.out.stream()
                .filter(line -> line.startsWith("{"))
                .map(LoggedFacts::of)
                .toList();
    }

    @Override
    public List<PoolUsage> usage() {
        List<PoolUsage> usage = new ArrayList<>();
        for (Object each : new JsonArray(admin("/clusters"))) {
            JsonObject cluster = (JsonObject) each;
            int active = cluster.getInteger("requestsActive");
            JsonObject circuit = cluster.getJsonObject("circuit");
            int waiting = circuit.getJsonObject("pendingRequests").getInteger("used");
            int connections = circuit.getJsonObject("connections").getInteger("used");
            int idle = Math.max(0, connections - active);
            usage.add(new PoolUsage(cluster.getString("name"), "", "", 0, idle, active, 0, active, waiting));
        }
        return usage;
    }

    @Override
    public void close() {
        program.close();
    }
}
