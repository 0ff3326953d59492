package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Commands;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `explain` for mesh clients: which entry of the egress list lets them out, or why none does.
class ExplainMeshTest {
    private static final String CONFIGURATION = """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: partner}
            spec:
              hosts: [api.example.com]
              location: MESH_EXTERNAL
              resolution: DNS
              ports:
              - {number: 80, name: http, protocol: HTTP}
              - {number: 443, name: tls, protocol: TLS}
              - {number: 5432, name: db, protocol: TCP}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: partner}
            spec:
              hosts: [api.example.com]
              http:
              - name: v1
                match: [{uri: {prefix: /v1/}, sourceNamespace: shop}]
                route: [{destination: {host: api.example.com, port: {number: 80}}}]
            """;

    @TempDir
    private Path directory;

    private final Commands commands = new Commands();

    @BeforeEach
    void write() throws IOException {
        Files.writeString(directory.resolve("list.yaml"), CONFIGURATION);
    }

    private int explain(String... arguments) {
        List<String> all = new ArrayList<>(List.of("explain", directory.toString()));
        all.addAll(List.of(arguments));
        return commands.run(all.toArray(String[]::new));
    }

    private JsonObject json() {
        return new JsonObject(commands.out());
    }

    @Test
    void aRequestIsRoutedForTheClientThatAsks() {
        String shop = "spiffe://cluster.local/ns/shop/sa/cart";
        assertThat(explain("--via", "mesh", "--url", "http://api.example.com/v1/a", "--principal", shop, "-o", "json"))
                .isZero();
        assertThat(json().getJsonObject("permit").getString("resource")).isEqualTo("ServiceEntry default/partner");
        assertThat(json().getJsonObject("permit").getString("source")).endsWith("list.yaml:9");
        assertThat(json().getJsonObject("route").getString("name")).isEqualTo("v1");
        assertThat(json().getJsonArray("clusters").getJsonObject(0).getString("name"))
                .isEqualTo("outbound|80||api.example.com");
        assertThat(explain("--via", "mesh", "--url", "http://api.example.com/v1/a"))
                .isEqualTo(3);
        assertThat(commands.out()).contains("refused       404 NR, route_not_found", "sourceNamespace");
    }

    @Test
    void aDenialSaysWhyAndWhatWouldAllowIt() {
        assertThat(explain("--via", "mesh", "--url", "https://evil.example.com/"))
                .isEqualTo(3);
        assertThat(commands.out())
                .contains("refused       403 RBAC, egress_host_not_listed")
                .contains("kind: ServiceEntry")
                .contains("- evil.example.com");
        assertThat(explain("--connect", "api.example.com:22")).isEqualTo(3);
        assertThat(commands.out()).contains("egress_port_not_listed").contains("80, 443, 5432");
    }

    @Test
    void aTunnelLeadsToTheHostThatItIsAskedForAndItsServerNameMustAgree() {
        assertThat(explain("--connect", "api.example.com:443")).isZero();
        assertThat(commands.out())
                .contains("permit        ServiceEntry default/partner", "cluster       outbound|443||api.example.com")
                .contains("addresses     public");
        assertThat(explain("--connect", "api.example.com:443", "--sni", "other.example.com"))
                .isEqualTo(3);
        assertThat(commands.out()).contains("tunnel_sni_differs");
        assertThat(explain("--connect", "api.example.com:443", "--sni", "")).isEqualTo(3);
        assertThat(commands.out()).contains("tunnel_without_sni");
        assertThat(explain("--connect", "api.example.com:5432", "--sni", "other.example.com"))
                .isZero();
    }

    @Test
    void aServerNameAloneIsPort443() {
        assertThat(explain("--via", "mesh", "--sni", "api.example.com")).isZero();
        assertThat(commands.out()).contains("outbound|443||api.example.com");
        assertThat(explain("--via", "mesh", "--sni", "evil.example.com")).isEqualTo(3);
    }

    @Test
    void anUnfinishedQuestionIsAMistakeOfTheCommandLine() {
        assertThat(explain("--via", "mesh")).isEqualTo(2);
        assertThat(commands.err()).contains("--url, --connect");
        assertThat(explain("--connect", "api.example.com")).isEqualTo(2);
        assertThat(commands.err()).contains("host:port");
        assertThat(explain("--via", "moon", "--url", "http://api.example.com/")).isEqualTo(2);
    }
}
