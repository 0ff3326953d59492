package io.sallyport.explain.egress;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// Asks the admin API of a running gateway.
public final class RunningInstance {
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private RunningInstance() {}

    /// What its `/egress` answers.
    ///
    /// @param admin such as `http://127.0.0.1:15000`
    /// @throws IOException where there is no such answer; its message is for the user
    /// @throws IllegalArgumentException where the address is none
    public static JsonObject egress(URI admin) throws IOException {
        URI egress = URI.create(admin.toString().replaceAll("/+$", "") + "/egress");
        HttpRequest request = HttpRequest.newBuilder(egress).timeout(LONGEST).build();
        // Never by way of a proxy: the admin API is on this machine, and the proxy may be the very gateway.
        try (HttpClient client = HttpClient.newBuilder()
                .proxy(HttpClient.Builder.NO_PROXY)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(LONGEST)
                .build()) {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IOException(egress + " answers " + response.statusCode() + ": "
                        + response.body().strip());
            }
            return new JsonObject(response.body());
        } catch (DecodeException e) {
            throw new IOException(egress + " does not answer as a gateway does: " + e.getMessage(), e);
        } catch (ConnectException e) {
            throw new IOException(
                    "no gateway answers at " + egress + ": is it running, and is that its admin port?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
