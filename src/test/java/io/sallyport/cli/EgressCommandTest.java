package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Commands;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EgressCommandTest {
    private static final String CONFIGURATION = """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: api}
            spec:
              hosts: [api.example.com]
              resolution: DNS
              ports:
              - {number: 80, name: http, protocol: HTTP, targetPort: 443}
              - {number: 443, name: tls, protocol: TLS}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: api}
            spec:
              host: api.example.com
              trafficPolicy:
                portLevelSettings:
                - port: {number: 80}
                  tls: {mode: SIMPLE, sni: api.example.com}
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: cdn, namespace: shop}
            spec:
              hosts: ["*.cdn.example"]
              resolution: NONE
              ports:
              - {number: 443, name: tls, protocol: TLS}
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: db}
            spec:
              hosts: [db.example.com]
              resolution: STATIC
              ports:
              - {number: 5432, name: tcp, protocol: TCP}
              endpoints: [{address: 192.0.2.7}, {address: 192.0.2.8}, {address: 192.0.2.9}, {address: 192.0.2.10}]
            """;

    @TempDir
    Path directory;

    @BeforeEach
    void write() throws Exception {
        Files.writeString(directory.resolve("egress.yaml"), CONFIGURATION);
    }

    @Test
    void theListSaysWhatIsReachedHowAndWhoNamesIt() {
        List<String> lines = run(directory.toString()).lines().toList();

        assertThat(lines.getFirst()).matches("0\\|HOST +PORT +PROTOCOL +REACHED BY +ADDRESSES +NAMED BY");
        assertThat(lines)
                .anyMatch(line -> line.matches("\\*\\.cdn\\.example +443 +TLS +the host asked for.*"
                        + "ServiceEntry shop/cdn \\(.*egress\\.yaml:\\d+\\)"))
                .anyMatch(line -> line.matches("api\\.example\\.com +80 +HTTP +DNS api\\.example\\.com:443,"
                        + " TLS origination SIMPLE with SNI api\\.example\\.com .*ServiceEntry default/api.*"))
                .anyMatch(line -> line.matches("api\\.example\\.com +443 +TLS +DNS api\\.example\\.com:443 .*"))
                .anyMatch(line -> line.matches("db\\.example\\.com +5432 +TCP +static 192\\.0\\.2\\.7:5432,"
                        + " 192\\.0\\.2\\.8:5432, 192\\.0\\.2\\.9:5432 and 1 more .*"));
    }

    @Test
    void whatIsLetOutWithoutBeingNamedIsListedLast() {
        assertThat(run(directory.toString()).lines().toList().getLast())
                .matches("\\*\\.svc\\.cluster\\.local +any +ANY +the host asked for +public and private +mesh service");
    }

    @Test
    void jsonIsForPrograms() {
        JsonArray list = new JsonArray(run("-o", "json", directory.toString()).substring(2));

        assertThat(list.stream().map(JsonObject.class::cast))
                .filteredOn(entry -> entry.getString("host").equals("*.cdn.example"))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.getInteger("port")).isEqualTo(443);
                    assertThat(entry.getString("protocol")).isEqualTo("TLS");
                    assertThat(entry.getString("resource")).isEqualTo("ServiceEntry shop/cdn");
                    assertThat(entry.getString("source")).contains("egress.yaml:");
                });
    }

    @Test
    void nothingListedIsSaidSo() throws Exception {
        Files.writeString(directory.resolve("egress.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
                """);

        assertThat(run(directory.toString())).startsWith("0|No resource lists a host");
    }

    @Test
    void aBrokenConfigurationHasNoList() throws Exception {
        Files.writeString(directory.resolve("broken.yaml"), "kind: [");

        assertThat(run(directory.toString())).startsWith("1|").contains("broken.yaml:1", "sallyport validate");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --suggest --unused 30d | exclude each other
            --suggest -o json | prints YAML
            --unused soon | --unused takes a time such as 12h, 30d or 8w, not 'soon'
            --suggest --admin 127.0.0.1 | --admin takes an address such as
            --suggest --admin https://127.0.0.1 | --admin takes an address such as
            -o xml | expected one of
            """)
    void aWrongCommandLineIsAnsweredWithTheRemedy(String arguments, String reason) {
        assertThat(run(arguments.split(" "))).startsWith("2|").contains(reason);
    }

    @Test
    void noGatewayIsSaidSo() {
        assertThat(run("--suggest", "--admin", "http://127.0.0.1:" + BuiltProgram.freePort()))
                .startsWith("1|no gateway answers at http://127.0.0.1:");
    }

    /// Exit code, a bar, and what was printed.
    private static String run(String... arguments) {
        return Commands.all(
                Stream.concat(Stream.of("egress"), Arrays.stream(arguments)).toArray(String[]::new));
    }
}
