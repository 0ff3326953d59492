package io.sallyport.e2e;

import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;

/// A gateway that ends TLS on port 443 in every way that it can, and forwards to one endpoint: requests to
/// `one.example` on BoringSSL where there is one; requests to `two.example`, which has two kinds of
/// certificates, on the JDK's engine; bytes to `bytes.example`.
final class EveryTlsEngine {
    private EveryTlsEngine() {}

    static TestGateway start(TestCertificates authority, int endpointPort) {
        return TestGateway.builder()
                .secret("one", authority.leaf("one").dns("one.example").issue())
                .secret("two", authority.leaf("two").dns("two.example").issue())
                .secret(
                        "two-rsa",
                        authority.leaf("rsa").dns("two.example").rsa().issue())
                .start("""
                        apiVersion: networking.istio.io/v1
                        kind: Gateway
                        metadata: {name: edge}
                        spec:
                          servers:
                          - port: {number: 443, name: https-one, protocol: HTTPS}
                            hosts: [one.example]
                            tls: {mode: SIMPLE, credentialName: one}
                          - port: {number: 443, name: https-two, protocol: HTTPS}
                            hosts: [two.example]
                            tls: {mode: SIMPLE, credentialNames: [two, two-rsa]}
                          - port: {number: 443, name: tls-bytes, protocol: TLS}
                            hosts: [bytes.example]
                            tls: {mode: SIMPLE, credentialName: one}
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
                        """
                        + Yaml.service("up.internal", endpointPort)
                        + Yaml.forwardAll("one.example", "up.internal")
                        + Yaml.forwardAll("two.example", "up.internal"));
    }
}
