package io.sallyport.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.model.PortProtocol;
import io.sallyport.discovery.MeshService;
import io.sallyport.discovery.MeshServices;
import io.sallyport.discovery.ServiceName;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiscoveredServicesTest {
    @ParameterizedTest(name = "{0} {1} {2}: {3}")
    @CsvSource({
        "80,    http,          ,                  HTTP",
        "80,    http-web,      ,                  HTTP",
        "80,    HTTP2-x,       ,                  HTTP2",
        "80,    grpc,          ,                  GRPC",
        "80,    grpc-web-x,    ,                  GRPC_WEB",
        "443,   https-web,     ,                  HTTPS",
        "443,   tls,           ,                  TLS",
        "6379,  redis,         ,                  REDIS",
        "80,    web,           ,                  UNSPECIFIED",
        "80,    httpx,         ,                  UNSPECIFIED",
        "80,    '',            ,                  UNSPECIFIED",
        "3306,  db,            ,                  TCP",
        "80,    http,          tcp,               TCP",
        "80,    tcp,           kubernetes.io/h2c, HTTP2",
        "80,    tcp,           kubernetes.io/ws,  HTTP",
        "80,    tcp,           kubernetes.io/wss, HTTPS",
        "80,    http,          example.com/own,   UNSPECIFIED"
    })
    void aPortsProtocolIsItsAppProtocolElseItsName(int port, String name, String appProtocol, PortProtocol expected) {
        assertThat(DiscoveredServices.protocol(port, name, appProtocol)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"api.example.com, 1", "169.254.169.254, 0", "'::1', 0"})
    void anExternalNameIsANameAndNoAddress(String alias, int entries) {
        MeshService service = new MeshService(
                new ServiceName("prod", "api"),
                List.of(new MeshService.Port(80, "http", null)),
                List.of(),
                alias,
                null,
                false,
                List.of());

        assertThat(DiscoveredServices.entries(new MeshServices(true, List.of(service), 1), "cluster.local"))
                .hasSize(entries);
    }

    @Test
    void aServiceWithoutPortsIsNone() {
        MeshService service =
                new MeshService(new ServiceName("prod", "api"), List.of(), List.of(), null, null, false, List.of());

        assertThat(DiscoveredServices.entries(new MeshServices(true, List.of(service), 1), "cluster.local"))
                .isEmpty();
    }
}
