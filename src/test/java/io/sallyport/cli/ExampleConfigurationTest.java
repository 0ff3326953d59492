package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Commands;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The example that users copy is one that serves.
class ExampleConfigurationTest {
    private final Commands commands = new Commands();

    @Test
    void itHasNoErrors() {
        assertThat(commands.run("validate", "config/example"))
                .as(commands.out())
                .isZero();
    }

    @Test
    void itsRequestsGoWhereItsCommentsSay() {
        record Expected(String url, String action) {}
        for (Expected expected : List.of(
                new Expected("http://shop.example.com/", "redirect      301 to https://shop.example.com/"),
                new Expected(
                        "https://shop.example.com/v1/cart", "redirect      301 to https://shop.example.com/api/cart"),
                new Expected(
                        "https://shop.example.com/api/cart",
                        "outbound|8080|stable|shop-api.default.svc.cluster.local, weight 95"),
                new Expected("https://shop.example.com/admin/users", "so provider login would be asked"),
                new Expected("https://shop.example.com/x", "outbound|8080||shop-web.default.svc.cluster.local"))) {
            assertThat(commands.run("explain", "config/example", "--url", expected.url()))
                    .as(commands.out())
                    .isZero();
            assertThat(commands.out()).contains(expected.action());
        }
    }
}
