package io.sallyport.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.TunnelSpec;
import io.sallyport.net.AddressGuard;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

/// What a cluster's names may resolve to, by what the resources say.
class GuardCompilerTest {
    private static ClusterSpec cluster(String host, String spec) {
        return cluster(host, host, spec, "");
    }

    private static ClusterSpec cluster(String host, String listed, String spec, String extra) {
        String yaml = Yaml.httpGateway("*")
                + """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: entry}
                spec:
                  hosts: ["%s"]
                  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
                """.formatted(listed)
                + spec.indent(2)
                + extra
                + "---\n"
                + Yaml.forwardAll("*", host);
        try (TestGateway gateway =
                TestGateway.builder().allowedCidrs("10.9.0.0/16").start(yaml)) {
            return gateway.dataPlane()
                    .current()
                    .clusters()
                    .cluster(ClusterSpec.name(host, null, 80))
                    .spec();
        }
    }

    private static String refusal(ClusterSpec spec, String address) {
        return spec.guard().refusal(InetAddress.ofLiteral(address));
    }

    @Test
    void aHostOutsideTheMeshHasPublicAddressesAndThoseThatTheSettingsAllow() {
        ClusterSpec spec = cluster("api.example", "resolution: DNS");

        assertThat(spec.guard().level()).isEqualTo(AddressGuard.Level.EXTERNAL);
        assertThat(refusal(spec, "10.1.0.1")).isEqualTo("private_address");
        assertThat(refusal(spec, "127.0.0.1")).isEqualTo("loopback_address");
        assertThat(refusal(spec, "10.9.1.1")).isNull();
        assertThat(refusal(spec, "8.8.8.8")).isNull();
    }

    @Test
    void aHostInTheMeshMayHavePrivateAddresses() {
        ClusterSpec spec = cluster("api.example", "resolution: DNS\nlocation: MESH_INTERNAL");

        assertThat(spec.guard().level()).isEqualTo(AddressGuard.Level.INTERNAL);
        assertThat(refusal(spec, "10.1.0.1")).isNull();
        assertThat(refusal(spec, "169.254.169.254")).isEqualTo("metadata_address");
    }

    @Test
    void aMeshServiceThatNoEntryNamesMayHavePrivateAddresses() {
        ClusterSpec spec = cluster("shop.default.svc.cluster.local", "other.example", "resolution: DNS", "");

        assertThat(spec.guard().level()).isEqualTo(AddressGuard.Level.INTERNAL);
        assertThat(refusal(spec, "10.1.0.1")).isNull();
        assertThat(refusal(spec, "127.0.0.1")).isEqualTo("loopback_address");
    }

    @Test
    void whatTheEntryListsIsAllowed() {
        ClusterSpec spec = cluster("api.example", """
                resolution: STATIC
                addresses: [10.1.2.3, 172.16.0.0/16]
                endpoints: [{address: 192.168.1.1}, {address: "fd12::1"}]""");

        assertThat(refusal(spec, "10.1.2.3")).isNull();
        assertThat(refusal(spec, "172.16.9.9")).isNull();
        assertThat(refusal(spec, "192.168.1.1")).isNull();
        assertThat(refusal(spec, "fd12::1")).isNull();
        assertThat(refusal(spec, "10.1.2.4")).isEqualTo("private_address");
        assertThat(refusal(spec, "192.168.1.2")).isEqualTo("private_address");
    }

    @Test
    void whoWritesLocalhostMeansThisMachine() {
        ClusterSpec endpoint = cluster("api.example", "resolution: DNS\nendpoints: [{address: localhost}]");
        ClusterSpec host = cluster("api.localhost", "resolution: DNS");
        ClusterSpec trick = cluster("api.example", "resolution: DNS\nendpoints: [{address: localhost.example}]");

        assertThat(refusal(endpoint, "127.0.0.1")).isNull();
        assertThat(refusal(endpoint, "10.0.0.1")).isEqualTo("private_address");
        assertThat(refusal(host, "::1")).isNull();
        assertThat(refusal(trick, "127.0.0.1")).isEqualTo("loopback_address");
    }

    @Test
    void hostsOfTheRequestAreReachedAtTheTargetPort() {
        assertThat(cluster("api.example", "resolution: DNS").targetPort()).isEqualTo(8080);
    }

    @Test
    void aTunnelIsOfTheSubsetElseOfTheHostWhateverThePortsSettings() {
        String rule = """
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: rule}
                spec:
                  host: api.example
                  trafficPolicy:
                    tunnel: {protocol: POST, targetHost: "2001:db8::1", targetPort: 5432}
                    portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]
                """;

        assertThat(cluster("api.example", "api.example", "resolution: DNS", rule)
                        .tunnel())
                .isEqualTo(new TunnelSpec(TunnelSpec.Method.POST, "[2001:db8::1]:5432"));
    }
}
