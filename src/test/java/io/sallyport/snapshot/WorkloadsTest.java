package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.outcome.WorkloadNames;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkloadsTest {
    private static final InetAddress ADDRESS = InetAddress.ofLiteral("10.0.0.1");

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
}
