package io.sallyport.cli;

import static java.net.http.HttpResponse.BodyHandlers.limiting;
import static java.net.http.HttpResponse.BodyHandlers.ofString;

import io.sallyport.explain.egress.TextTable;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/// Asks the admin API of a running gateway.
final class AdminClient implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final int LARGEST_BYTES = 256 * 1024 * 1024;
    private static final int LONGEST_SHOWN = 500;

    private final String base;
    private final Duration longest;
    // Never by way of a proxy: the admin API is on this machine, and the proxy may be the very gateway.
    private final HttpClient client = HttpClient.newBuilder()
            .proxy(HttpClient.Builder.NO_PROXY)
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LONGEST)
            .build();

    /// @param authority such as `127.0.0.1:15000`
    AdminClient(String authority) {
        this(authority, LONGEST);
    }

    /// @param longest time for one answer
    AdminClient(String authority, Duration longest) {
        base = "http://" + authority;
        this.longest = longest;
    }

    /// The object that the path answers with.
    ///
    /// @throws IOException where there is no such answer; its message is for the user
    JsonObject object(String path) throws IOException {
        return ask(path, JsonObject::new);
    }

    /// The array that the path answers with.
    ///
    /// @throws IOException where there is no such answer; its message is for the user
    JsonArray array(String path) throws IOException {
        return ask(path, JsonArray::new);
    }

    /// An answer that is JSON, but not what a gateway of this version sends.
    IOException notUnderstood(RuntimeException cause) {
        return notUnderstood(URI.create(base), cause);
    }

    private <T> T ask(String path, Function<String, T> parse) throws IOException {
        URI url = URI.create(base + path);
        CompletableFuture<HttpResponse<String>> answer = client.sendAsync(
                HttpRequest.newBuilder(url).build(), limiting(ofString(StandardCharsets.UTF_8), LARGEST_BYTES));
        try {
            // A timeout of the request's own would end with the head of the answer.
            HttpResponse<String> response = answer.get(longest.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != 200) {
                throw new IOException(url + " answers " + response.statusCode() + ": " + shown(response.body()));
            }
            return parse.apply(response.body());
        } catch (DecodeException | ClassCastException e) {
            throw notUnderstood(url, e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ConnectException
                    ? new IOException(
                            "no gateway answers at " + url + ": is it running, and is that its admin port?"
                                    + " (--admin HOST:PORT, SALLYPORT_ADMIN_PORT)",
                            e)
                    : notUnderstood(url, Objects.requireNonNullElse(e.getCause(), e));
        } catch (TimeoutException e) {
            throw new IOException(url + " does not answer within " + longest.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            answer.cancel(true);
        }
    }

    private static IOException notUnderstood(URI url, Throwable cause) {
        return new IOException(
                url + " does not answer as a gateway of this version does: " + shown(String.valueOf(cause)), cause);
    }

    private static String shown(String text) {
        String said = text.strip();
        return TextTable.printable(said.substring(0, Math.min(said.length(), LONGEST_SHOWN)));
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
