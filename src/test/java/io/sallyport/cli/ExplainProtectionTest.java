package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Commands;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `explain` says of limits, outliers, budgets and localities, and where that is written.
class ExplainProtectionTest {
    private static final String CONFIGURATION = Yaml.httpGateway("*") + """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: shop}
            spec:
              hosts: [shop.internal]
              location: MESH_INTERNAL
              resolution: STATIC
              ports: [{number: 80, name: http, protocol: HTTP}]
              endpoints:
              - {address: 10.0.0.1, locality: eu/a}
              - {address: 10.0.0.2, locality: eu/b}
              - {address: 10.0.0.3, locality: us/a}
              - {address: 10.0.0.4, locality: us/a}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: shop}
            spec:
              host: shop.internal
              trafficPolicy:
                loadBalancer:
                  consistentHash: {httpHeaderName: X-User}
                  warmup: {duration: 60s}
                connectionPool: {tcp: {maxConnections: 100}, http: {http1MaxPendingRequests: 50}}
                outlierDetection: {consecutive5xxErrors: 2, maxEjectionPercent: 50, minHealthPercent: 25}
                retryBudget: {percent: 12.5, minRetryConcurrency: 7, budgetInterval: 30s}
            ---
            """ + Yaml.virtualService("shop.example", """
            - route: [{destination: {host: shop.internal}}]
              retries: {attempts: 3, perTryTimeout: 2s, retryIgnorePreviousHosts: true}
            """);

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = directory.resolve("a.yaml");
        Files.writeString(file, CONFIGURATION);
    }

    private String explain(String... more) {
        String[] all = new String[more.length + 4];
        all[0] = "explain";
        all[1] = directory.toString();
        all[2] = "--url";
        all[3] = "http://shop.example/";
        System.arraycopy(more, 0, all, 4, more.length);
        Commands commands = new Commands();
        assertThat(commands.run(all)).isZero();
        return commands.out();
    }

    @Test
    void everyPartIsSaidWithItsSource() {
        String source = " (DestinationRule default/shop (" + file + ":";

        assertThat(explain("--locality", "eu/a").lines().map(String::strip))
                .anyMatch(line -> line.startsWith(
                        "limits      100 connections, 50 waiting requests, unlimited active" + " requests" + source))
                .anyMatch(line -> line.startsWith("outliers    ejected after 2 5xx in a row for 30s and longer, at most"
                        + " 50 % at once (2 of 4), ignored below 25 % healthy" + source))
                .anyMatch(line -> line.startsWith(
                        "retryBudget 12.5 % of the requests of 30s, 7 at once and a second" + " always" + source))
                .anyMatch(line -> line.startsWith("hash        by header x-user, ring of 1024" + source))
                .anyMatch(line -> line.startsWith("warmup      60s, from 10 %" + source))
                .anyMatch(line -> line.startsWith("locality    eu/a, then eu/b, then us/a" + source))
                .anyMatch(line -> line.startsWith("retries       3 on ")
                        && line.contains(" and, for idempotent requests, on late tries, each within 2s, pauses from"
                                + " 25ms, at other endpoints (" + file + ":"));
    }

    @Test
    void withoutALocalityOfItsOwnAllAreEquallyNear() {
        assertThat(explain()).doesNotContain("locality");
    }

    @Test
    void sharesOfLocalitiesAreSaid() throws IOException {
        Files.writeString(
                file,
                CONFIGURATION.replace(
                        "warmup: {duration: 60s}",
                        "localityLbSetting: {distribute: [{from: eu/*, to: {eu/*: 80, us/*: 20}}]}"));

        assertThat(explain("--locality", "eu/a")).contains("locality    eu/a 40 %, eu/b 40 %, us/a 20 %");
    }
}
