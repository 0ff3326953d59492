package io.sallyport.cli;

import io.sallyport.config.problem.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;

/// Problems for programs.
final class ProblemJson {
    private ProblemJson() {}

    static JsonObject of(List<Problem> problems, ValidationSummary summary) {
        JsonArray list = new JsonArray();
        problems.forEach(problem -> list.add(of(problem)));
        return new JsonObject()
                .put("problems", list)
                .put("errors", summary.errors())
                .put("warnings", summary.warnings())
                .put("notes", summary.notes())
                .put("files", summary.files())
                .put("resources", summary.resources());
    }

    private static JsonObject of(Problem problem) {
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
