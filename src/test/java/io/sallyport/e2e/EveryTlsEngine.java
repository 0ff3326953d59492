package io.sallyport.e2e;

import io.netty.handler.ssl.OpenSsl;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.function.Supplier;

/// A gateway that ends TLS on port 443 in every way that it can, and forwards to one endpoint: requests to
/// `one.example` on BoringSSL where there is one; requests to `two.example` on the JDK's engine, but for a program of
/// its own; bytes to `bytes.example`.
final class EveryTlsEngine {
    /// The host for requests whose TLS is the JDK's; none in a program of its own.
    static final String ON_THE_JDK = Boolean.getBoolean("test.program") ? "none" : "two.example";

    private static final String NO_BORING_SSL = "io.netty.handler.ssl.noOpenSsl";
    private static final String TWO = """
            - port: {number: 443, name: https-two, protocol: HTTPS}
              hosts: [two.example]
              tls: {mode: SIMPLE, credentialName: two}
            """;

    private EveryTlsEngine() {}

    /// What it makes has the JDK's TLS for good: a context stays as long as nothing of it changes.
    static <T> T withoutBoringSsl(Supplier<T> making) {
        // Netty looks at the switch once.
        OpenSsl.isAvailable();
        System.setProperty(NO_BORING_SSL, "true");
        try {
            return making.get();
        } finally {
            System.clearProperty(NO_BORING_SSL);
        }
    }

    static TestGateway start(TestCertificates authority, int endpointPort) {
        TestGateway gateway = withoutBoringSsl(() -> TestGateway.builder()
                .secret("one", authority.leaf("one").dns("one.example").issue())
                .secret("two", authority.leaf("two").dns("two.example").issue())
                .start(configuration(TWO, endpointPort)));
        gateway.apply(configuration(TWO + """
                - port: {number: 443, name: https-one, protocol: HTTPS}
                  hosts: [one.example]
                  tls: {mode: SIMPLE, credentialName: one}
                - port: {number: 443, name: tls-bytes, protocol: TLS}
                  hosts: [bytes.example]
                  tls: {mode: SIMPLE, credentialName: one}
                """, endpointPort));
        return gateway;
    }

    private static String configuration(String servers, int endpointPort) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                """ + servers.indent(2) + """
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: bytes}
                spec:
                  hosts: [bytes.example]
                  gateways: [edge]
                  tcp:
                  - match: [{port: 443}]
                    route: [{destination: {host: up.internal, port: {number: 80}}}]
                ---
                """ + Yaml.service("up.internal", endpointPort)
                + Yaml.forwardAll("one.example", "up.internal")
                + Yaml.forwardAll("two.example", "up.internal");
    }
}
