package io.sallyport.runtime;

import io.sallyport.config.problem.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.Locale;

/// Problems of a configuration as JSON: what `validate -o json` prints and the admin API shows.
public final class ProblemReport {
    private ProblemReport() {}

    /// `severity`, `code`, `file`, `line` and `column` (0 for the file as a whole), `field`, `message` and
    /// `hint`, which is null where nothing is known that would mend it.
    public static JsonArray json(Collection<Problem> problems) {
        JsonArray list = new JsonArray();
        problems.forEach(problem -> list.add(json(problem)));
        return list;
    }

    private static JsonObject json(Problem problem) {
        return new JsonObject()
                .put("severity", problem.severity().name().toLowerCase(Locale.ROOT))
                .put("code", problem.code().id())
                .put("file", problem.at().file())
                .put("line", problem.at().line())
                .put("column", problem.at().column())
                .put("field", problem.field())
                .put("message", problem.message())
                .put("hint", problem.hint());
    }
}
