package io.sallyport.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.discovery.EndpointSlice.Member;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceRegistryTest {
    private static final ServiceName PAYMENTS = new ServiceName("prod", "payments");

    private final ServiceRegistry registry = new ServiceRegistry();
    private final List<List<String>> told = new ArrayList<>();

    private static MeshService service(String family, boolean publishesUnready) {
        return new MeshService(
                PAYMENTS,
                List.of(new MeshService.Port(80, "http", null)),
                List.of(),
                null,
                family,
                publishesUnready,
                List.of());
    }

    private static Member member(String address, boolean ready, boolean terminating) {
        return new Member(address, ready, terminating, null, null, null);
    }

    private static EndpointSlice slice(String id, String family, Member... members) {
        return new EndpointSlice(id, PAYMENTS, family, Map.of("http", 8080), List.of(members));
    }

    private void watch() {
        registry.watch(
                PAYMENTS,
                80,
                endpoints -> told.add(endpoints.stream()
                        .map(endpoint -> endpoint.address() + ":" + endpoint.port())
                        .toList()));
    }

    @Test
    void nothingIsToldBeforeEverythingIsKnown() {
        watch();
        registry.put(slice("a", "IPv4", member("10.0.0.1", true, false)));
        assertThat(told).isEmpty();
        assertThat(registry.services().isKnown()).isFalse();

        registry.put(service(null, false));
        assertThat(registry.publish()).isTrue();

        assertThat(told).containsExactly(List.of("10.0.0.1:8080"));
        assertThat(registry.services().all()).hasSize(1);
    }

    @Test
    void onlyReadyEndpointsThatDoNotEndAreToldEachOnce() {
        registry.put(service(null, false));
        registry.put(slice(
                "a",
                "IPv4",
                member("10.0.0.1", true, false),
                member("10.0.0.2", false, false),
                member("10.0.0.3", true, true)));
        registry.put(slice("b", "IPv4", member("10.0.0.1", true, false), member("10.0.0.4", true, false)));
        registry.publish();
        watch();

        assertThat(told).containsExactly(List.of("10.0.0.1:8080", "10.0.0.4:8080"));
    }

    @Test
    void aServiceMayPublishWhatIsNotReadyButNotWhatEnds() {
        registry.put(service(null, true));
        registry.put(slice("a", "IPv4", member("10.0.0.2", false, false), member("10.0.0.3", false, true)));
        registry.publish();
        watch();

        assertThat(told).containsExactly(List.of("10.0.0.2:8080"));
    }

    @Test
    void ofTwoFamiliesTheServicesFirstIsTaken() {
        registry.put(service("IPv6", false));
        registry.put(slice("a", "IPv4", member("10.0.0.1", true, false)));
        registry.put(slice("b", "IPv6", member("fd00::1", true, false)));
        registry.publish();
        watch();

        assertThat(told).containsExactly(List.of("fd00::1:8080"));
    }

    @Test
    void endpointsChangeWithoutTheServicesChangingAndOnlyWhenTheyDo() {
        registry.put(service(null, false));
        registry.put(slice("a", "IPv4", member("10.0.0.1", true, false)));
        registry.publish();
        watch();
        long revision = registry.services().revision();

        registry.put(slice("a", "IPv4", member("10.0.0.1", true, false)));
        registry.put(new MeshPod("prod", "somebody", Map.of(), "", List.of()));
        assertThat(registry.publish()).isFalse();
        assertThat(told).hasSize(1);

        registry.removeSlice("a");
        assertThat(registry.publish()).isFalse();
        assertThat(told).endsWith(List.of()).hasSize(2);
        assertThat(registry.services().revision()).isEqualTo(revision);
    }

    @Test
    void aServiceThatIsGoneHasNoEndpoints() {
        registry.put(service(null, false));
        registry.put(slice("a", "IPv4", member("10.0.0.1", true, false)));
        registry.publish();
        watch();

        registry.remove(PAYMENTS);
        assertThat(registry.publish()).isTrue();
        assertThat(told).endsWith(List.of());
        assertThat(registry.services().all()).isEmpty();
    }

    @Test
    void anEndpointsPodAndNodeCompleteItWheneverTheyCome() {
        List<MeshEndpoint> last = new ArrayList<>();
        registry.put(service(null, false));
        registry.put(slice("a", "IPv4", new Member("10.0.0.1", true, false, "payments-1", "node-1", "zone-a")));
        registry.publish();
        registry.watch(PAYMENTS, 80, endpoints -> {
            last.clear();
            last.addAll(endpoints);
        });
        assertThat(last).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.locality()).isEqualTo("/zone-a");
            assertThat(endpoint.labels()).isEmpty();
        });

        registry.put(new MeshPod("prod", "payments-1", Map.of("version", "v1"), "payments", List.of("10.0.0.1")));
        registry.put(new MeshNode("node-1", "north", "zone-b"));
        registry.publish();
        assertThat(last).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.locality()).isEqualTo("north/zone-a");
            assertThat(endpoint.labels()).containsEntry("version", "v1");
        });
    }

    @Test
    void whoFailsAtItsEndpointsDoesNotCostOthersTheirNews() {
        registry.put(service(null, false));
        registry.publish();
        boolean[] broken = {false};
        registry.watch(PAYMENTS, 80, _ -> {
            if (broken[0]) {
                throw new IllegalArgumentException("no such port");
            }
        });
        watch();
        registry.watch(PAYMENTS, 80, _ -> {
            if (broken[0]) {
                throw new IllegalArgumentException("no such port");
            }
        });
        broken[0] = true;
        registry.put(slice("a", "IPv4", member("10.0.0.1", true, false)));
        registry.publish();

        assertThat(told).containsExactly(List.of(), List.of("10.0.0.1:8080"));
    }

    @Test
    void anAddressIsThePodsThatHadItLast() {
        InetAddress address = InetAddress.ofLiteral("10.0.0.1");
        MeshPod before = new MeshPod("prod", "before", Map.of(), "", List.of("10.0.0.1"));
        MeshPod after = new MeshPod("prod", "after", Map.of(), "", List.of("10.0.0.1"));
        registry.put(before);
        assertThat(registry.pod(address)).isEqualTo(before);

        registry.put(after);
        registry.removePod("prod", "before");
        assertThat(registry.pod(address)).isEqualTo(after);

        registry.removePod("prod", "after");
        assertThat(registry.pod(address)).isNull();
    }
}
