package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.outcome.WorkloadNames;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadsTest {
    private static final InetAddress ADDRESS = InetAddress.ofLiteral("10.0.0.1");
    private static final InetAddress DISCOVERED = InetAddress.ofLiteral("10.0.0.2");

    private final Workloads workloads =
            new Workloads(Map.of(ADDRESS, new Workload("prod", Map.of("app", "pay"), null)), _ -> null, List.of("td"));

    private @Nullable WorkloadNames names(@Nullable String identity) {
        return workloads.of(ADDRESS, identity).names(identity);
    }

    @Test
    void labelsAndAccountsAreNames() {
        WorkloadNames byPlace = names(null);
        WorkloadNames byIdentity = names("spiffe://td/ns/other/sa/cron");

        assertThat(byPlace).isNotNull().extracting(WorkloadNames::workload).isEqualTo("pay");
        assertThat(byIdentity).isNotNull().extracting(WorkloadNames::workload).isEqualTo("cron");
    }

    /// It may call itself like one of ours, and have any number of names, each a series of metrics.
    @Test
    void aWorkloadOfAnotherMeshHasNone() {
        assertThat(names("spiffe://partner/ns/prod/sa/pay")).isNull();
    }

    private final Workloads two = new Workloads(
            Map.of(ADDRESS, new Workload("shop", Map.of("app", "listed"), null)),
            address -> address.equals(DISCOVERED) ? new Workload("shop", Map.of("app", "found"), null) : null,
            List.of("cluster.local", "old.local"));

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "10.0.0.1, -, shop, listed",
                "10.0.0.2, -, shop, found",
                "10.0.0.3, -, -, -",
                "10.0.0.1, spiffe://cluster.local/ns/shop/sa/web, shop, listed",
                "10.0.0.1, spiffe://old.local/ns/shop/sa/web, shop, listed",
                "10.0.0.2, spiffe://cluster.local/ns/shop/sa/web, shop, found",
                // Labels of a workload in another namespace are not its own.
                "10.0.0.1, spiffe://cluster.local/ns/other/sa/web, other, -",
                "10.0.0.3, spiffe://cluster.local/ns/other/sa/web, other, -",
                // Namespaces of another mesh are not ours, whatever they are called and wherever the client is.
                "10.0.0.1, spiffe://partner.example/ns/shop/sa/web, -, -",
                "10.0.0.2, spiffe://partner.example/ns/shop/sa/web, -, -",
                "10.0.0.3, spiffe://partner.example/ns/shop/sa/web, -, -",
                "10.0.0.1, spiffe://cluster.local.evil/ns/shop/sa/web, -, -",
                // An identity that says nothing of a namespace, and names that are none.
                "10.0.0.1, spiffe://cluster.local/web, shop, listed",
                "10.0.0.1, https://partner.example/, shop, listed"
            })
    void anIdentityOfTheMeshNamesItsNamespace(String address, String identity, String namespace, String app) {
        Workload found = two.of(InetAddress.ofLiteral(address), identity);

        assertThat(found.namespace()).isEqualTo(namespace);
        assertThat(found.labels().get("app")).isEqualTo(app);
    }
}
