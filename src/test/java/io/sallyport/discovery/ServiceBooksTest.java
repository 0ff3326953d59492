package io.sallyport.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.discovery.EndpointSlice.Member;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceBooksTest {
    private static final ServiceName PAYMENTS = new ServiceName("prod", "payments");

    private final ServiceBooks books = new ServiceBooks();
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
        books.watch(
                PAYMENTS,
                80,
                endpoints -> told.add(endpoints.stream()
                        .map(endpoint -> endpoint.address() + ":" + endpoint.port())
                        .toList()));
    }

    @Test
    void nothingIsToldBeforeEverythingIsKnown() {
        watch();
        books.put(slice("a", "IPv4", member("10.0.0.1", true, false)));
        assertThat(told).isEmpty();
        assertThat(books.services().isKnown()).isFalse();

        books.put(service(null, false));
        assertThat(books.publish()).isTrue();

        assertThat(told).containsExactly(List.of("10.0.0.1:8080"));
        assertThat(books.services().all()).hasSize(1);
    }

    @Test
    void onlyReadyEndpointsThatDoNotEndAreToldEachOnce() {
        books.put(service(null, false));
        books.put(slice(
                "a",
                "IPv4",
                member("10.0.0.1", true, false),
                member("10.0.0.2", false, false),
                member("10.0.0.3", true, true)));
        books.put(slice("b", "IPv4", member("10.0.0.1", true, false), member("10.0.0.4", true, false)));
        books.publish();
        watch();

        assertThat(told).containsExactly(List.of("10.0.0.1:8080", "10.0.0.4:8080"));
    }

    @Test
    void aServiceMayPublishWhatIsNotReadyButNotWhatEnds() {
        books.put(service(null, true));
        books.put(slice("a", "IPv4", member("10.0.0.2", false, false), member("10.0.0.3", false, true)));
        books.publish();
        watch();

        assertThat(told).containsExactly(List.of("10.0.0.2:8080"));
    }

    @Test
    void ofTwoFamiliesTheServicesFirstIsTaken() {
        books.put(service("IPv6", false));
        books.put(slice("a", "IPv4", member("10.0.0.1", true, false)));
        books.put(slice("b", "IPv6", member("fd00::1", true, false)));
        books.publish();
        watch();

        assertThat(told).containsExactly(List.of("fd00::1:8080"));
    }

    @Test
    void endpointsChangeWithoutTheServicesChangingAndOnlyWhenTheyDo() {
        books.put(service(null, false));
        books.put(slice("a", "IPv4", member("10.0.0.1", true, false)));
        books.publish();
        watch();
        long revision = books.services().revision();

        books.put(slice("a", "IPv4", member("10.0.0.1", true, false)));
        books.put(new MeshPod("prod", "somebody", Map.of(), "", List.of()));
        assertThat(books.publish()).isFalse();
        assertThat(told).hasSize(1);

        books.removeSlice("a");
        assertThat(books.publish()).isFalse();
        assertThat(told).endsWith(List.of()).hasSize(2);
        assertThat(books.services().revision()).isEqualTo(revision);
    }

    @Test
    void aServiceThatIsGoneHasNoEndpoints() {
        books.put(service(null, false));
        books.put(slice("a", "IPv4", member("10.0.0.1", true, false)));
        books.publish();
        watch();

        books.remove(PAYMENTS);
        assertThat(books.publish()).isTrue();
        assertThat(told).endsWith(List.of());
        assertThat(books.services().all()).isEmpty();
    }

    @Test
    void anEndpointsPodAndNodeCompleteItWheneverTheyCome() {
        List<MeshEndpoint> last = new ArrayList<>();
        books.put(service(null, false));
        books.put(slice("a", "IPv4", new Member("10.0.0.1", true, false, "payments-1", "node-1", "zone-a")));
        books.publish();
        books.watch(PAYMENTS, 80, endpoints -> {
            last.clear();
            last.addAll(endpoints);
        });
        assertThat(last).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.locality()).isEqualTo("/zone-a");
            assertThat(endpoint.labels()).isEmpty();
        });

        books.put(new MeshPod("prod", "payments-1", Map.of("version", "v1"), "payments", List.of("10.0.0.1")));
        books.put(new MeshNode("node-1", "north", "zone-b"));
        books.publish();
        assertThat(last).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.locality()).isEqualTo("north/zone-a");
            assertThat(endpoint.labels()).containsEntry("version", "v1");
        });
    }

    @Test
    void anAddressIsThePodsThatHadItLast() {
        InetAddress address = InetAddress.ofLiteral("10.0.0.1");
        MeshPod before = new MeshPod("prod", "before", Map.of(), "", List.of("10.0.0.1"));
        MeshPod after = new MeshPod("prod", "after", Map.of(), "", List.of("10.0.0.1"));
        books.put(before);
        assertThat(books.pod(address)).isEqualTo(before);

        books.put(after);
        books.removePod("prod", "before");
        assertThat(books.pod(address)).isEqualTo(after);

        books.removePod("prod", "after");
        assertThat(books.pod(address)).isNull();
    }
}
