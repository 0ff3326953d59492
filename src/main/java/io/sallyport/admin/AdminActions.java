package io.sallyport.admin;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/// What the admin API changes of the running process.
final class AdminActions {
    private static final Set<String> LOGGING = Set.of("level", "category", "for");

    private final AdminAnswers answers;
    private final Runnable drain;
    private final LogLevels levels;

    AdminActions(AdminAnswers answers, Runnable drain, LogLevels levels) {
        this.answers = answers;
        this.drain = drain;
        this.levels = levels;
    }

    /// `POST /drain`.
    void drain(HttpServerRequest request) {
        if (!request.method().name().equals("POST")) {
            AdminAnswers.notAllowed(request, "POST");
            return;
        }
        drain.run();
        AdminAnswers.end(
                request.response(),
                202,
                AdminAnswers.JSON,
                new JsonObject().put("state", "draining").encode());
    }

    /// `GET`, `POST` and `DELETE /logging`: all answer with what is changed then.
    void logging(HttpServerRequest request) {
        String method = request.method().name();
        if (!Set.of("GET", "POST", "DELETE").contains(method)) {
            AdminAnswers.notAllowed(request, "GET, POST, DELETE");
            return;
        }
        MultiMap parameters = request.params();
        answers.answer(request, () -> {
            for (String name : parameters.names()) {
                if (!LOGGING.contains(name)) {
                    throw new IllegalArgumentException(
                            "unknown parameter " + name + ": there are level, category, for");
                }
            }
            switch (method) {
                case "POST" ->
                    levels.change(parameters.get("level"), parameters.get("category"), parameters.get("for"));
                case "DELETE" -> levels.takeBack(parameters.get("category"));
                default -> {}
            }
            return AdminAnswers.Content.json(levels.json().encodePrettily());
        });
    }
}
