package io.sallyport.cli;

import io.sallyport.admin.ShortTime;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// A command that asks a running gateway and prints what it says: as tables, or as JSON for programs.
abstract class InstanceCommand implements Callable<Integer> {
    private static final int NO_ANSWER = 1;
    private static final Duration LONGEST_WATCH = Duration.ofHours(1);

    enum Output {
        text,
        json
    }

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    private AdminOptions admin = new AdminOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; text where not given.",
            defaultValue = "text")
    private Output output = Output.text;

    @Override
    public final Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (AdminClient gateway = admin.client()) {
            try {
                show(gateway, out);
            } catch (ClassCastException | IllegalArgumentException | NullPointerException odd) {
                throw gateway.notUnderstood(odd);
            }
            return 0;
        } catch (IOException e) {
            err.println(e.getMessage());
            return NO_ANSWER;
        } finally {
            out.flush();
            err.flush();
        }
    }

    /// Asks and prints. What is not as expected in an answer may throw as [JsonObject] does.
    ///
    /// @throws IOException where there is no answer; its message is for the user
    abstract void show(AdminClient gateway, PrintWriter out) throws IOException;

    /// The value of an option that says how long something is watched.
    final Duration time(String option, String value) {
        Duration time = ShortTime.parse(value);
        if (time == null || time.compareTo(LONGEST_WATCH) > 0) {
            throw wrong(option + " takes a time from 1s to 1h, not '" + value + "'");
        }
        return time;
    }

    final ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    static void pause(Duration time) throws IOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    boolean asJson() {
        return output == Output.json;
    }

    /// The array as a list of its objects; empty where there is none.
    static List<JsonObject> objects(@Nullable JsonArray array) {
        return array == null
                ? List.of()
                : IntStream.range(0, array.size())
                        .mapToObj(array::getJsonObject)
                        .toList();
    }

    /// The field as a number; 0 where it is missing.
    static long number(@Nullable JsonObject object, String field) {
        return object == null ? 0 : object.getLong(field, 0L);
    }
}
