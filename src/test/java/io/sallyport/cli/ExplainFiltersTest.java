package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainFiltersTest {
    @Test
    void theFaultTheCorsPolicyAndTheMirrorsOfTheRouteAreSaid(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("config.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 80, name: http, protocol: HTTP}
                    hosts: ["*"]
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: shop}
                spec:
                  hosts: [shop.example]
                  gateways: [edge]
                  http:
                  - route: [{destination: {host: shop}}]
                    fault:
                      delay: {fixedDelay: 1.5s, percentage: {value: 10}}
                      abort: {grpcStatus: UNAVAILABLE, percentage: {value: 0.25}}
                    mirrors:
                    - {destination: {host: audit}, percentage: {value: 50}}
                    - {destination: {host: none}, percentage: {value: 0}}
                    corsPolicy:
                      allowOrigins: [{exact: "https://app.example"}, {prefix: "https://dev."}]
                      allowMethods: [GET, PUT]
                      maxAge: 60s
                      allowCredentials: true
                """);
        Commands commands = new Commands();

        int exit = commands.run("explain", directory.toString(), "--url", "http://shop.example/");

        assertThat(exit).isZero();
        assertThat(commands.out())
                .contains(
                        "fault         10% delayed by 1.5s, 0.25% aborted with gRPC status 14\n",
                        "cors          origins exact https://app.example | prefix https://dev.; methods GET,PUT;"
                                + " max-age 60; credentials\n",
                        "mirror        outbound|80||audit.default.svc.cluster.local, 50%\n")
                .doesNotContain("none.default");
    }
}
