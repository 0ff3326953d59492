import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/// Asks for one URL with the JDK's client as it is; the proxy and what is trusted come from system properties.
public final class Client {
    private Client() {}

    /// Prints the status and the body, or what went wrong.
    public static void main(String[] args) throws InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create(args[0])).build(), HttpResponse.BodyHandlers.ofString());
            System.out.println(response.statusCode() + " " + response.body());
        } catch (IOException e) {
            System.out.println(e);
        }
    }
}
