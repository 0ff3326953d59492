package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// The example that users copy is one that serves.
class ExampleConfigurationTest {
    private final StringWriter out = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new SallyportCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(arguments);
    }

    @Test
    void itHasNoErrors() {
        assertThat(run("validate", "config/example")).as(out.toString()).isZero();
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
                new Expected("https://shop.example.com/x", "outbound|8080||shop-web.default.svc.cluster.local"))) {
            out.getBuffer().setLength(0);
            assertThat(run("explain", "config/example", "--url", expected.url()))
                    .as(out.toString())
                    .isZero();
            assertThat(out.toString()).contains(expected.action());
        }
    }
}
