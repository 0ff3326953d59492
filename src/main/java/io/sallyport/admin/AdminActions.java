package io.sallyport.admin;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Set;

/// What the admin API changes of the running process.
final class AdminActions {
    private static final Set<String> DRAIN_METHODS = Set.of("POST", "DELETE");
    private static final Set<String> SWITCH = Set.of("true", "false");
    private static final Set<String> LOGGING_METHODS = Set.of("GET", "POST", "DELETE");
    private static final Set<String> LOGGING = Set.of("level", "category", "for");

    private final AdminAnswers answers;
    private final Readiness readiness;
    private final DrainSwitch drain;
    private final LogLevels levels;

    AdminActions(AdminAnswers answers, Readiness readiness, DrainSwitch drain, LogLevels levels) {
        this.answers = answers;
        this.readiness = readiness;
        this.drain = drain;
        this.levels = levels;
    }

    /// `POST /drain`; `DELETE /drain` or `POST /drain?enable=false` takes it back, until the process is asked to stop.
    void drain(HttpServerRequest request) {
        String method = request.method().name();
        String enable = request.getParam("enable", "true");
        if (!DRAIN_METHODS.contains(method)) {
            AdminAnswers.notAllowed(request, "POST, DELETE");
        } else if (method.equals("POST") && !SWITCH.contains(enable)) {
            AdminAnswers.error(request, 400, "enable must be true or false");
        } else if (method.equals("POST") && enable.equals("true")) {
            drain.begin();
            state(request, 202);
        } else {
            answers.perform(request, drain::undo, undone -> {
                if (undone) {
                    state(request, 200);
                } else {
                    AdminAnswers.error(request, 409, "the process is stopping: its drain cannot be taken back");
                }
            });
        }
    }

    private void state(HttpServerRequest request, int status) {
        String state = readiness.state().name().toLowerCase(Locale.ROOT);
        AdminAnswers.end(
                request.response(),
                status,
                AdminAnswers.JSON,
                new JsonObject().put("state", state).encode());
    }

    /// `GET`, `POST` and `DELETE /logging`: all answer with what is changed then.
    void logging(HttpServerRequest request) {
        String method = request.method().name();
        if (!LOGGING_METHODS.contains(method)) {
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
