package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.Browser;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.vertx.core.Vertx;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The pictures of the README, in light and in dark. With `-Dpictures.write=true` it makes them.
class AdminPagePictureTest {
    private static final boolean WRITE = Boolean.getBoolean("pictures.write");
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 400;

    private static final String CONFIGURATION = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: front}
            spec:
              servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["shop.example", "pay.example"]}]
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: services}
            spec:
              hosts: [catalog.internal, payments.internal]
              ports: [{number: 80, name: http, protocol: HTTP}]
              resolution: STATIC
              endpoints: [{address: 127.0.0.1, ports: {http: %d}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: shop}
            spec:
              hosts: [shop.example]
              gateways: [front]
              http:
              - name: canary
                match: [{headers: {x-canary: {exact: always}}}]
                route: [{destination: {host: payments.internal}}]
              - name: catalog
                match: [{uri: {prefix: /catalog}}, {uri: {prefix: /search}}]
                route: [{destination: {host: catalog.internal}}]
              - name: moved
                match: [{uri: {exact: /old}}]
                redirect: {uri: /catalog, redirectCode: 308}
              - name: maintenance
                match: [{uri: {prefix: /admin}}]
                directResponse: {status: 503}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: pay}
            spec:
              hosts: [pay.example]
              gateways: [front]
              http:
              - name: pay
                route: [{destination: {host: payments.internal}}]
            """;

    @TempDir
    Path directory;

    private final int port = WRITE ? 8080 : BuiltProgram.freePort();

    @Test
    void thePageIsFitToBeSeenInLightAndInDark() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (Browser browser = Browser.start();
                RawUpstream service = RawUpstream.ok("ok")) {
            Files.writeString(directory.resolve("gateway.yaml"), CONFIGURATION.formatted(service.port()));
            try (var gateway = new AdministeredGateway(
                    vertx, directory, Map.of("sallyport.port-map.80", Integer.toString(port)))) {
                // What the first requests take is not what others take.
                for (int i = 0; i < 20; i++) {
                    someRequests();
                }
                browser.screen(WIDTH, HEIGHT, false);
                browser.open(gateway.url() + "/#routes");
                browser.type("#routes-search", "0.0.0.0:" + port);
                await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                    someRequests();
                    assertThat(browser.text("#routes-list")).contains("100 %", " ms");
                });
                BufferedImage light = picture(browser, "docs/page-light.png");
                browser.screen(WIDTH, HEIGHT, true);
                BufferedImage dark = picture(browser, "docs/page-dark.png");

                assertThat(brightness(light)).isGreaterThan(0xd0);
                assertThat(brightness(dark)).isLessThan(0x40);
            }
        } finally {
            vertx.close();
        }
    }

    private void someRequests() throws Exception {
        for (int i = 0; i < 20; i++) {
            ask("shop.example", "/catalog/" + i, "");
            ask("pay.example", "/", "");
        }
        ask("shop.example", "/catalog", "x-canary: always\r\n");
        ask("shop.example", "/old", "");
        ask("shop.example", "/admin", "");
    }

    private void ask(String host, String path, String fields) throws Exception {
        RawClient.exchange(
                port, "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "Connection: close\r\n\r\n");
    }

    private static BufferedImage picture(Browser browser, String file) throws Exception {
        byte[] png = browser.picture();
        if (WRITE) {
            Files.write(Path.of(file), png);
        }
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        assertThat(image.getWidth()).isEqualTo(WIDTH);
        return image;
    }

    /// Of the corner, 0 to 255.
    private static int brightness(BufferedImage image) {
        return image.getRGB(2, image.getHeight() - 2) >> 8 & 0xff;
    }
}
