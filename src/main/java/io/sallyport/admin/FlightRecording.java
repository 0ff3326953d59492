package io.sallyport.admin;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/// Records what the JVM does for some seconds, with its profile for a running service, and sends that as a file of the
/// JDK's Flight Recorder. One recording at a time; it ends early with its client.
final class FlightRecording {
    static final int LONGEST_SECONDS = 60;
    private static final Logger LOG = System.getLogger(FlightRecording.class.getName());
    private static final String USUAL_SECONDS = "30";
    private static final long LARGEST_BYTES = 256L * 1024 * 1024;

    /// They have the environment and the command lines of this process and of others, and with them perhaps secrets.
    private static final List<String> LEFT_OUT = List.of(
            "jdk.InitialEnvironmentVariable", "jdk.InitialSystemProperty", "jdk.JVMInformation", "jdk.SystemProcess");

    private final Vertx vertx;
    private final AtomicBoolean busy = new AtomicBoolean();

    FlightRecording(Vertx vertx) {
        this.vertx = vertx;
    }

    /// `GET /debug/jfr?seconds=N`.
    void serve(HttpServerRequest request) {
        if (NativeImage.IS_RUNNING) {
            AdminAnswers.error(request, 501, "a native executable has no Flight Recorder: run the jar on a JVM");
            return;
        }
        int seconds = seconds(request.getParam("seconds", USUAL_SECONDS));
        if (seconds == 0) {
            AdminAnswers.error(request, 400, "seconds must be a number from 1 to " + LONGEST_SECONDS);
        } else if (!busy.compareAndSet(false, true)) {
            AdminAnswers.error(request, 409, "another recording is under way: there is one at a time");
        } else {
            record(request, seconds).onComplete(_ -> busy.set(false));
        }
    }

    private static int seconds(String text) {
        try {
            int seconds = Integer.parseInt(text);
            return seconds > 0 && seconds <= LONGEST_SECONDS ? seconds : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private Future<Void> record(HttpServerRequest request, int seconds) {
        HttpServerResponse response = request.response();
        Promise<Void> over = Promise.promise();
        response.closeHandler(_ -> over.tryComplete());
        LOG.log(Level.INFO, "the admin API records this JVM for {0} s", seconds);
        return vertx.executeBlocking(FlightRecording::start, false)
                .compose(recording -> {
                    vertx.setTimer(Duration.ofSeconds(seconds).toMillis(), _ -> over.tryComplete());
                    return over.future().compose(_ -> vertx.executeBlocking(() -> stop(recording), false));
                })
                .compose(file -> send(response, file)
                        .eventually(() -> vertx.executeBlocking(() -> Files.deleteIfExists(file), false)))
                .onFailure(e -> failed(request, e));
    }

    private static Recording start() throws IOException, ParseException {
        Recording recording = new Recording(Configuration.getConfiguration("profile"));
        recording.setMaxSize(LARGEST_BYTES);
        LEFT_OUT.forEach(recording::disable);
        recording.start();
        return recording;
    }

    private static Path stop(Recording recording) throws IOException {
        try (recording) {
            recording.stop();
            Path file = Files.createTempFile("sallyport", ".jfr");
            recording.dump(file);
            return file;
        }
    }

    private static Future<Void> send(HttpServerResponse response, Path file) {
        if (response.closed()) {
            return Future.succeededFuture();
        }
        return AdminAnswers.head(response, 200, "application/octet-stream")
                .putHeader("Content-Disposition", "attachment; filename=\"sallyport.jfr\"")
                .sendFile(file.toString());
    }

    /// Where temporary files cannot be written, above all.
    private static void failed(HttpServerRequest request, Throwable e) {
        LOG.log(Level.WARNING, "the JVM is not recorded", e);
        if (!request.response().headWritten() && !request.response().closed()) {
            AdminAnswers.error(request, 503, "the JVM cannot be recorded: " + e);
        }
    }
}
