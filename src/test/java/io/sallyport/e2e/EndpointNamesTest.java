package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.egress.EgressMode;
import io.sallyport.outcome.DestinationFacts;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.WorkloadNames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What metrics call the endpoints of a ServiceEntry, and mesh clients that are listed as such.
class EndpointNamesTest {
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                            |         | entry   | unknown | unknown | entry    | latest |
            {}                                                            | account | account | unknown | unknown | account  | latest |
            {app: pay, version: v7}                                       | account | pay     | pay     | v7      | pay      | v7     |
            {app: pay, service.istio.io/canonical-name: payments, service.istio.io/canonical-revision: r1} | | payments | pay | unknown | payments | r1 |
            {app: pay, service.istio.io/workload-name: pay-vm}            | account | pay-vm  | pay     | unknown | pay      | latest |
            {app.kubernetes.io/name: pay, app.kubernetes.io/version: "7"} |         | pay     | unknown | unknown | pay      | 7      |
            {app: pay, topology.istio.io/cluster: south}                  |         | pay     | pay     | unknown | pay      | latest | south
            """)
    void labelsAreAskedThenTheServiceAccountThenTheEntry(
            String labels,
            String account,
            String workload,
            String app,
            String version,
            String canonicalService,
            String canonicalRevision,
            String cluster)
            throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.forwardAll("a.example", "up.internal")
                        + """
                                ---
                                apiVersion: networking.istio.io/v1
                                kind: ServiceEntry
                                metadata: {name: entry, namespace: backends}
                                spec:
                                  hosts: [up.internal]
                                  location: MESH_INTERNAL
                                  resolution: STATIC
                                  ports: [{number: 80, name: http, protocol: HTTP}]
                                  endpoints:
                                  - address: 127.0.0.1
                                    ports: {http: %d}
                                    serviceAccount: "%s"
                                    labels: %s
                                """.formatted(upstream.port(), account == null ? "" : account, labels))) {
            String answer = RawClient.exchange(
                    gateway.port(80), "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");

            assertThat(answer).endsWith("hello");
            RequestFacts facts = gateway.firstFacts();
            gateway.assumeSeen("all names of a workload");
            assertThat(facts.endpoint.workload())
                    .isEqualTo(new WorkloadNames(
                            workload, "backends", app, version, canonicalService, canonicalRevision, cluster));
            assertThat(facts.destination.service()).isEqualTo(WorkloadNames.of(Map.of(), "backends", "entry", null));
        }
    }

    /// Nothing but the name that the route leads to is known of it.
    @Test
    void aDestinationThatDoesNotExistHasTheNameOfItsCluster() throws Exception {
        try (TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*") + Yaml.virtualService("a.example", """
                        - route: [{destination: {host: pay.default.svc.cluster.local, subset: none, port: {number: 80}}}]
                        """))) {
            assertThat(RawClient.exchange(
                            gateway.port(80), "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 503 ");

            RequestFacts facts = gateway.firstFacts();
            assertThat(facts.flags()).isEqualTo("NC");
            gateway.assumeSeen("that the host is not known");
            assertThat(facts.destination)
                    .isEqualTo(DestinationFacts.unknown("outbound|80|none|pay.default.svc.cluster.local"));
            assertThat(facts.endpoint).isEqualTo(EndpointFacts.NONE);
        }
    }

    @Test
    void aMeshClientIsCalledByItsLabelsToo() throws Exception {
        try (TestGateway gateway =
                TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start("""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: entry, namespace: web}
                spec:
                  hosts: [shop.internal]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP}]
                  endpoints: [{address: 127.0.0.1, ports: {http: 1}, labels: {app: shop, version: v3}}]
                """)) {
            String answer = RawClient.exchange(
                    gateway.port(TestGateway.MESH_PORT),
                    "GET http://shop.internal/ HTTP/1.1\r\nHost: shop.internal\r\nConnection: close\r\n\r\n");

            assertThat(answer).startsWith("HTTP/1.1 503 ");
            RequestFacts facts = gateway.firstFacts();
            gateway.assumeSeen("all names of a workload");
            assertThat(facts.source).isEqualTo(new WorkloadNames("shop", "web", "shop", "v3", "shop", "v3", null));
        }
    }
}
