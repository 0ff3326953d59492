package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.Browser;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The admin page in a browser, of a gateway with 10,000 routes and names that try to become markup.
class AdminPageTest {
    private static final int ROUTES = 10_000;
    /// On both listeners, with two more and their host, and those of the mesh listener.
    private static final int ALL = 2 * (ROUTES + 3) + 4;
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String MARKUP = "<img src=x onerror=window.hurt=1><script>window.hurt=1</script>";

    private static final String TAB = "\uE004";
    private static final String ENTER = "\uE007";
    private static final String ARROW_DOWN = "\uE015";

    @TempDir
    static Path directory;

    @TempDir
    static Path secrets;

    private static final int http = BuiltProgram.freePort();
    private static RawUpstream failing;
    private static Vertx vertx;
    private static AdministeredGateway gateway;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.start();
        failing = RawUpstream.start(connection -> {
            connection.readHead();
            connection.write("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        });
        Files.writeString(directory.resolve("gateway.yaml"), configuration());
        TestCertificates.authority("<b>of shop</b>")
                .leaf("shop")
                .dns("shop.example")
                .issue()
                .writeSecret(Files.createDirectories(secrets.resolve("shop-tls")));
        vertx = Vertx.vertx();
        gateway = new AdministeredGateway(
                vertx,
                directory,
                Map.of(
                        "sallyport.port-map.80",
                        Integer.toString(http),
                        "sallyport.port-map.443",
                        Integer.toString(BuiltProgram.freePort()),
                        "sallyport.secrets.dir",
                        secrets.toString()));
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
        if (failing != null) {
            failing.close();
        }
    }

    private static String configuration() {
        var routes = new StringBuilder("""
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: front}
                spec:
                  servers:
                  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["shop.example"]}
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: ["shop.example"]
                    tls: {mode: SIMPLE, credentialName: shop-tls}
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: fails}
                spec:
                  hosts: [fails.example]
                  ports: [{number: 80, name: http, protocol: HTTP}]
                  resolution: STATIC
                  endpoints: [{address: 127.0.0.1, ports: {http: %d}}]
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: fails}
                spec:
                  host: fails.example
                  trafficPolicy:
                    outlierDetection: {consecutive5xxErrors: 2, interval: 1s, baseEjectionTime: 300s, maxEjectionPercent: 100}
                ---
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: no-admin}
                spec:
                  action: DENY
                  rules: [{to: [{operation: {paths: ["/admin/*"]}}]}]
                ---
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: only-web}
                spec:
                  action: DENY
                  rules:
                  - from: [{source: {notPrincipals: [cluster.local/ns/default/sa/web]}}]
                    to: [{operation: {paths: ["/web/*"]}}]
                ---
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: trial, annotations: {istio.io/dry-run: "true"}}
                spec:
                  action: DENY
                  rules: [{to: [{operation: {paths: ["/trial/*"]}}]}]
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: shop}
                spec:
                  hosts: [shop.example]
                  gateways: [front]
                  http:
                  - name: fails
                    match: [{uri: {prefix: /fails}}]
                    route: [{destination: {host: fails.example, port: {number: 80}}}]
                  - name: "hostile"
                    match: [{headers: {x-evil: {exact: "%s"}}}]
                    directResponse: {status: 418}
                """.formatted(failing.port(), MARKUP));
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
        awaitText("#routes-count", ALL + " in all");
        assertThat((Integer) browser.eval("document.querySelectorAll('#routes-list .row').length"))
                .isBetween(10, 100);

        browser.type("#routes-search", "ITEM/9876 shop.example");
        awaitText("#routes-count", "2 found");
        awaitText("#routes-list", "path exact /item/9876");
    }

    @Test
    void aRouteHasItsRateAndDurations() throws Exception {
        open("routes");
        browser.type("#routes-search", "/item/7777 0.0.0.0:" + http);
        awaitText("#routes-count", "1 found");
        await().atMost(SOON).untilAsserted(() -> {
            request("/item/7777", "");
            assertThat(cell("routes", 6)).matches("[1-9]\\d*\\.\\d|0\\.[1-9]");
            assertThat(cell("routes", 7)).isEqualTo("0 %");
            assertThat(cell("routes", 9)).endsWith(" ms");
        });
    }

    @Test
    void aHostHasThatOfAllOfItsRoutes() throws Exception {
        open("routes");
        browser.type("#routes-search", "all requests 0.0.0.0:" + http);
        awaitText("#routes-count", "1 found");
        await().atMost(SOON).untilAsserted(() -> {
            request("/item/1234", "");
            // No route takes it.
            request("/nothing", "");
            assertThat(cell("routes", 2)).isEqualTo("shop.example:80");
            assertThat(cell("routes", 6)).matches("[1-9]\\d*\\.\\d|0\\.[1-9]");
            assertThat(cell("routes", 7)).isEqualTo("0 %");
            assertThat(cell("routes", 9)).endsWith(" ms");
        });
    }

    @Test
    void anEjectedEndpointIsSeenWithItsFailures() throws Exception {
        open("clusters");
        browser.type("#clusters-search", "outbound|80||fails.example");
        awaitText("#clusters-count", "1 found");
        awaitText("#clusters-list", "1 of 1 available");
        for (int i = 0; i < 2; i++) {
            assertThat(request("/fails", "")).startsWith("HTTP/1.1 503 ");
        }
        awaitText("#clusters-list", "0 of 1 available, 1 ejected");
        browser.click("#clusters-list button");
        awaitText("#endpoints", "127.0.0.1:" + failing.port());
        awaitText("#endpoints", "ejected until 20");
        awaitText("#cluster", "1 ejected now, 1 so far");
        assertThat(request("/fails", "")).startsWith("HTTP/1.1 503 ");
        awaitText("#clusters-list", "100 %");
    }

    @Test
    void aRecentRequestHasItsReasonAndNoCredentials() throws Exception {
        open("requests");
        request("/nothing/<b>here?access_token=secret", "Authorization: Bearer secret\r\nCookie: secret\r\n");
        browser.type("#requests-search", "nothing");
        awaitText("#requests-list", "404 NR");
        awaitText("#requests-list", "GET shop.example/nothing/<b>here?…");
        awaitText("#requests-list", "route_not_found");
        browser.click("#requests-list button");
        awaitText("#request", "\"status\": 404");
        assertThat(browser.eval("document.body.innerText + document.querySelectorAll('main b').length"))
                .asString()
                .doesNotContain("secret")
                .endsWith("0");
    }

    @Test
    void aPolicySaysHowOftenItDenied() throws Exception {
        assertThat(request("/admin/x", "")).startsWith("HTTP/1.1 403 ");
        request("/trial/x", "");
        request("/trial/y", "");
        open("policies");
        browser.type("#policies-search", "no-admin");
        awaitText("#policies-count", "1 found");
        awaitText("#policies-list", "default/no-admin");
        awaitText("#policies-list", "gateway.yaml:");
        assertThat(cell("policies", 2)).isEqualTo("DENY");
        assertThat(cell("policies", 4)).startsWith("this instance");
        assertThat(cell("policies", 5)).isEqualTo("1");
        browser.type("#policies-search", "trial");
        awaitText("#policies-list", "DENY, dry run");
        assertThat(cell("policies", 5)).isEqualTo("0");
        assertThat(cell("policies", 6)).isEqualTo("2");
    }

    @Test
    void aLevelOfTheLogIsChangedForATimeAndTakenBack() throws Exception {
        open("log");
        awaitText("#log-changes", "No level is changed.");
        browser.type("#log-change [name=category]", "io.sallyport.nobody");
        browser.click("#log-change button");
        awaitText("#log-changes", "io.sallyport.nobody debug 20");
        browser.click("#log-changes td button");
        awaitText("#log-changes", "No level is changed.");

        browser.type("#log-change [name=category]", "<b>");
        browser.click("#log-change button");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(browser.text("#log-answer")).contains("category"));
        assertThat(browser.eval("document.querySelectorAll('main b').length")).isEqualTo(0);
    }

    private static String request(String target, String fields) throws Exception {
        return RawClient.exchange(
                http, "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n" + fields + "Connection: close\r\n\r\n");
    }

    /// What the first row of a list has in a column, from 1.
    private static String cell(String list, int column) throws Exception {
        return (String)
                browser.eval("document.querySelector('#%s-list .row:not(.head) span:nth-child(%d)')?.textContent ?? ''"
                        .formatted(list, column));
    }

    @Test
    void theLastRouteIsReachedByScrolling() throws Exception {
        open("routes");
        awaitText("#routes-count", ALL + " in all");
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
    void whoAsksDecidesWhereAPolicySaysSo() throws Exception {
        open("explain");
        browser.type("[name=url]", "http://shop.example/web/x");
        browser.click("#question button");
        awaitText("#answer", "403");
        browser.type("[name=principal]", "spiffe://cluster.local/ns/default/sa/web");
        browser.click("#question button");
        awaitText("#answer", "404");
    }

    @Test
    void theKeyboardIsEnough() throws Exception {
        open("clusters");
        awaitText("#clusters-count", "in all");
        browser.press("/");
        browser.press("fails");
        awaitText("#clusters-count", "1 found");
        assertThat(browser.eval("document.activeElement.id")).isEqualTo("clusters-search");
        browser.press(TAB + ARROW_DOWN + ENTER);
        awaitText("#cluster", "outbound|80||fails.example");
        assertThat(browser.eval("document.activeElement.className")).isEqualTo("row");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"routes", "explain", "requests", "clusters", "listeners", "policies", "certs", "egress", "log"})
    void aNarrowScreenIsEnough(String part) throws Exception {
        try {
            browser.screen(360, 640, true);
            open(part);
            awaitText("#summary", "generation");
            assertThat((Integer) browser.eval("document.documentElement.scrollWidth"))
                    .isLessThanOrEqualTo(360);
            assertThat(browser.eval("getComputedStyle(document.body).color")).isEqualTo("rgb(255, 255, 255)");
        } finally {
            browser.screen(1280, 800, false);
        }
    }

    @Test
    void thePageIsPaintedAtOnce() throws Exception {
        open("routes");
        awaitText("#routes-list", "/item/1");
        await().atMost(SOON).until(() -> browser.eval("performance.getEntriesByType('paint').length")
                .equals(2));
        double paint = ((Number) browser.eval("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
                .doubleValue();
        double rows = ((Number) browser.eval("performance.getEntriesByName('rows')[0].startTime")).doubleValue();
        System.out.printf("%d routes: first paint after %.0f ms, rows after %.0f ms%n", ALL, paint, rows);
        // Mostly far less; this machine may be busy with other tests.
        assertThat(paint).isLessThan(3_000);
        assertThat(rows).isLessThan(10_000);
    }

    @Test
    void aDrainIsTakenBack() throws Exception {
        open("routes");
        awaitText("#drain", "Drain");
        gateway.admin("POST /drain");
        awaitText("#summary", "draining");
        awaitText("#drain", "Take the drain back");
        browser.click("#drain");

        awaitText("#summary", "serving");
        assertThat(gateway.admin("GET /status")).contains("\"state\" : \"serving\"");
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
        browser.type("#egress-denied-search", "not.listed");
        awaitText("#egress-denied-list", "not.listed.example");
        awaitText("#egress-denied-list", "egress_host_not_listed");
        browser.click("#egress-denied-list button");
        assertThat(browser.text("#allow-yaml"))
                .contains("kind: ServiceEntry", "- not.listed.example", "{number: 80, name: http-80, protocol: HTTP}");
        assertThat(browser.text("#egress-mode")).contains("registry-only");
    }

    @Test
    void theEgressListSaysHowItIsUsed() throws Exception {
        open("egress");
        browser.type("#egress-entries-search", "fails.example");
        awaitText("#egress-entries-count", "1 found");
        int before = Integer.parseInt(cell("egress-entries", 6));
        gateway.ask("http://fails.example/", "fails.example");
        await().atMost(SOON).untilAsserted(() -> assertThat(Integer.parseInt(cell("egress-entries", 6)))
                .isEqualTo(before + 1));
    }

    @Test
    void aRefusedConfigurationIsShownUntilItIsMended() throws Exception {
        open("routes");
        Path broken = Files.writeString(directory.resolve("mesh.yaml"), "trustDomain: [7]\n");
        awaitText("#refused", "mesh.yaml:1:14 error SAL1102 trustDomain");
        Files.delete(broken);
        await().atMost(SOON)
                .until(() -> Boolean.TRUE.equals(browser.eval("document.getElementById('refused').hidden")));
    }

    @Test
    void aResourceWithErrorsIsShownUntilItIsMended() throws Exception {
        open("routes");
        Path broken = directory.resolve("broken.yaml");
        Files.writeString(
                broken, "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: b}\nspec: {servers: 7}\n");
        awaitText("#faults", "Gateway default/b is left out: ");
        awaitText("#faults", "broken.yaml:4:17: error SAL1102 spec.servers");
        Files.delete(broken);
        await().atMost(SOON).until(() -> Boolean.TRUE.equals(browser.eval("document.getElementById('faults').hidden")));
    }

    @Test
    void aCertificateHasItsDaysLeftAndItsServer() throws Exception {
        open("certs");
        awaitText("#certs-list", "29 days");
        awaitText("#certs-list", "default/shop-tls");
        awaitText("#certs-list", "of shop");
        assertThat(browser.eval("window.hurt === undefined && document.querySelectorAll('main b').length === 0"))
                .isEqualTo(true);
    }

    @Test
    void noScriptButThePagesOwnRuns() throws Exception {
        open("clusters");
        awaitText("#clusters-count", "in all");
        assertThat(browser.eval("""
                (() => { try { document.body.innerHTML = '<p>x'; return 'made'; } catch (e) { return e.name; } })()""")).isEqualTo("TypeError");
    }
}
