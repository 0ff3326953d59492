package io.sallyport.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.List;
import org.opentest4j.TestAbortedException;

/// Chromium, driven by its chromedriver (Debian's package `chromium-driver`) in the W3C's WebDriver protocol.
public final class Browser implements AutoCloseable {
    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process driver;
    private final String session;

    private Browser(Process driver, int port) throws IOException, InterruptedException {
        this.driver = driver;
        String base = "http://127.0.0.1:" + port + "/session";
        JsonObject options = new JsonObject()
                .put(
                        "args",
                        new JsonArray(List.of(
                                "--headless=new",
                                "--no-sandbox",
                                "--disable-dev-shm-usage",
                                "--no-proxy-server",
                                "--window-size=1280,800")));
        JsonObject capabilities = new JsonObject().put("goog:chromeOptions", options);
        Object made = send(
                "POST", base, new JsonObject().put("capabilities", new JsonObject().put("alwaysMatch", capabilities)));
        session = base + '/' + ((JsonObject) made).getString("sessionId");
    }

    /// Skips the test where no browser is.
    public static Browser start() throws IOException, InterruptedException {
        int port = BuiltProgram.freePort();
        Process driver;
        try {
            driver = new ProcessBuilder("chromedriver", "--port=" + port)
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException absent) {
            throw new TestAbortedException("no chromedriver: " + absent.getMessage(), absent);
        }
        try {
            var said = driver.inputReader();
            String line = said.readLine();
            while (line != null && !line.contains("started successfully")) {
                line = said.readLine();
            }
            return new Browser(driver, port);
        } catch (IOException | RuntimeException e) {
            driver.destroy();
            throw e;
        }
    }

    public void open(String url) throws IOException, InterruptedException {
        send("POST", session + "/url", new JsonObject().put("url", url));
    }

    /// The value of a JavaScript expression.
    public Object eval(String expression) throws IOException, InterruptedException {
        JsonObject script =
                new JsonObject().put("script", "return " + expression).put("args", new JsonArray());
        return send("POST", session + "/execute/sync", script);
    }

    /// The text that a user sees of the first element of the selector.
    public String text(String selector) throws IOException, InterruptedException {
        return (String) send("GET", element(selector) + "/text", null);
    }

    /// Replaces what a field has by what a keyboard would enter.
    public void type(String selector, String text) throws IOException, InterruptedException {
        String element = element(selector);
        send("POST", element + "/clear", new JsonObject());
        send("POST", element + "/value", new JsonObject().put("text", text));
    }

    public void click(String selector) throws IOException, InterruptedException {
        send("POST", element(selector) + "/click", new JsonObject());
    }

    /// Presses keys on what has the focus; special keys are code points of the WebDriver protocol.
    public void press(String keys) throws IOException, InterruptedException {
        JsonArray actions = new JsonArray();
        keys.codePoints().mapToObj(Character::toString).forEach(key -> actions.add(
                        new JsonObject().put("type", "keyDown").put("value", key))
                .add(new JsonObject().put("type", "keyUp").put("value", key)));
        JsonObject keyboard =
                new JsonObject().put("type", "key").put("id", "keyboard").put("actions", actions);
        send("POST", session + "/actions", new JsonObject().put("actions", new JsonArray().add(keyboard)));
    }

    /// Shows pages as on a screen of this width, in CSS pixels; dark where the user prefers that.
    public void screen(int width, int height, boolean dark) throws IOException, InterruptedException {
        command(
                "Emulation.setDeviceMetricsOverride",
                new JsonObject()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", false));
        JsonObject scheme = new JsonObject().put("name", "prefers-color-scheme").put("value", dark ? "dark" : "light");
        command("Emulation.setEmulatedMedia", new JsonObject().put("features", new JsonArray().add(scheme)));
    }

    /// What the screen shows, as PNG.
    public byte[] picture() throws IOException, InterruptedException {
        return Base64.getDecoder().decode((String) send("GET", session + "/screenshot", null));
    }

    private void command(String name, JsonObject parameters) throws IOException, InterruptedException {
        send(
                "POST",
                session + "/goog/cdp/execute",
                new JsonObject().put("cmd", name).put("params", parameters));
    }

    private String element(String selector) throws IOException, InterruptedException {
        JsonObject by = new JsonObject().put("using", "css selector").put("value", selector);
        Object found = send("POST", session + "/element", by);
        return session + "/element/" + ((JsonObject) found).getString(ELEMENT);
    }

    private Object send(String method, String url, JsonObject body) throws IOException, InterruptedException {
        HttpRequest.BodyPublisher content =
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body.encode());
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create(url)).method(method, content).build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(method + " " + url + " is answered " + response.body());
        }
        return new JsonObject(response.body()).getValue("value");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            send("DELETE", session, null);
        } finally {
            driver.destroy();
            client.close();
        }
    }
}
