package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.Browser;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.RawClient;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The admin page in a browser, of a gateway with 10,000 routes and names that try to become markup.
class AdminPageTest {
    private static final int ROUTES = 10_000;
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String MARKUP = "<img src=x onerror=window.hurt=1><script>window.hurt=1</script>";

    @TempDir
    static Path directory;

    private static final int http = BuiltProgram.freePort();
    private static Vertx vertx;
    private static AdministeredGateway gateway;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.start();
        Files.writeString(directory.resolve("gateway.yaml"), configuration());
        vertx = Vertx.vertx();
        gateway = new AdministeredGateway(vertx, directory, Map.of("sallyport.port-map.80", Integer.toString(http)));
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (gateway != null) {
            gateway.close();
            vertx.close();
        }
    }

    private static String configuration() {
        var routes = new StringBuilder("""
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: front}
                spec:
                  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["shop.example"]}]
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: shop}
                spec:
                  hosts: [shop.example]
                  gateways: [front]
                  http:
                  - name: "hostile"
                    match: [{headers: {x-evil: {exact: "%s"}}}]
                    directResponse: {status: 418}
                """.formatted(MARKUP));
        for (int i = 0; i < ROUTES; i++) {
            routes.append("  - {name: r").append(i);
            routes.append(", match: [{uri: {exact: /item/").append(i).append("}}], directResponse: {status: 204}}\n");
        }
        return routes.toString();
    }

    private static void open(String part) throws Exception {
        browser.open("about:blank");
        browser.open(gateway.url() + "/#" + part);
    }

    private static void awaitText(String selector, String text) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(browser.text(selector)).contains(text));
    }

    @Test
    void aRouteIsFoundAmongTenThousand() throws Exception {
        open("routes");
        awaitText("#routes-count", (ROUTES + 1) + " in all");
        assertThat((Integer) browser.eval("document.querySelectorAll('#routes-list .row').length"))
                .isBetween(10, 100);

        browser.type("#routes-search", "ITEM/9876 shop.example");
        awaitText("#routes-count", "1 found");
        awaitText("#routes-list", "path exact /item/9876");
    }

    @Test
    void theLastRouteIsReachedByScrolling() throws Exception {
        open("routes");
        awaitText("#routes-count", (ROUTES + 1) + " in all");
        browser.eval("document.getElementById('routes-list').scrollTop = 1e9");
        awaitText("#routes-list", "/item/" + (ROUTES - 1));
    }

    @Test
    void namesStayText() throws Exception {
        open("routes");
        browser.type("#routes-search", "onerror");
        awaitText("#routes-list", MARKUP);
        assertThat(browser.eval(
                        "window.hurt === undefined && document.querySelectorAll('img, main script').length === 0"))
                .isEqualTo(true);
    }

    @Test
    void aRequestIsExplainedWithWhatCameNearer() throws Exception {
        open("explain");
        browser.type("[name=url]", "http://shop.example/item/7");
        browser.type("[name=headers]", "x-evil: <b onclick=window.hurt=1>");
        browser.click("#question button");
        awaitText("#answer", "default/shop r7");
        awaitText("#considered", "hostile");
        awaitText("#considered", "<b onclick=window.hurt=1>");
        assertThat(browser.eval("document.querySelectorAll('main b').length")).isEqualTo(0);
    }

    @Test
    void aQuestionThatIsNotUnderstoodSaysWhy() throws Exception {
        open("explain");
        browser.type("[name=headers]", "nonsense");
        browser.click("#question button");
        awaitText("#answer", "a header is NAME:VALUE, not 'nonsense'");
    }

    @Test
    void aDenialIsSeen() throws Exception {
        RawClient.exchange(
                gateway.mesh,
                "GET http://not.listed.example/ HTTP/1.1\r\nHost: not.listed.example\r\nConnection: close\r\n\r\n");
        open("egress");
        awaitText("#denied", "not.listed.example");
        awaitText("#denied", "egress_host_not_listed");
    }

    @Test
    void aRefusedConfigurationIsShownUntilItIsMended() throws Exception {
        open("routes");
        Path broken = directory.resolve("broken.yaml");
        Files.writeString(
                broken, "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: b}\nspec: {servers: 7}\n");
        awaitText("#refused", "broken.yaml:4");
        Files.delete(broken);
        await().atMost(SOON)
                .until(() -> Boolean.TRUE.equals(browser.eval("document.getElementById('refused').hidden")));
    }

    @Test
    void noScriptButThePagesOwnRuns() throws Exception {
        open("clusters");
        awaitText("#clusters-count", "in all");
        assertThat(browser.eval("""
                (() => { try { document.body.innerHTML = '<p>x'; return 'made'; } catch (e) { return e.name; } })()""")).isEqualTo("TypeError");
    }
}
