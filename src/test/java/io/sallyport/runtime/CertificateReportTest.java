package io.sallyport.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.CertificatesInUse;
import io.sallyport.identity.Credential;
import io.sallyport.identity.TrustBundle;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateReportTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final TestCertificates AUTHORITY =
            TestCertificates.authority("mesh", NOW.minus(Duration.ofDays(900)), NOW.plus(Duration.ofDays(900)));

    private static Credential issue(String name, Instant notBefore, Instant notAfter) {
        return AUTHORITY.leaf(name).dns(name).valid(notBefore, notAfter).issue().credential();
    }

    private static JsonArray report(CertificatesInUse inUse, WorkloadIdentity identity) {
        return CertificateReport.of(List.of(), inUse, identity, NOW).all();
    }

    private static CertificatesInUse served(Map<String, Credential> credentials) {
        return new CertificatesInUse(credentials, Map.of(), Set.of(), null, false);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        -P90D | PT36H   | 1  | ends soon
        -P90D | PT23H   | 0  | ends soon
        -P90D | PT-1S   | -1 | expired
        -P90D | PT-25H  | -2 | expired
        -P90D | P21DT1H | 21 | valid
        -P90D | P20D    | 20 | ends soon
        PT1H  | P90D    | 90 | not yet valid
        -PT1H | PT23H   | 0  | valid
        -PT20H | PT4H   | 0  | ends soon
        """)
    void aCertificateHasItsDaysLeft(Duration begins, Duration ends, int days, String state) {
        Credential leaf = issue("a.example", NOW.plus(begins), NOW.plus(ends));

        JsonObject row = report(served(Map.of("default/a", leaf)), null).getJsonObject(0);

        assertThat(row.getInteger("daysLeft")).isEqualTo(days);
        assertThat(row.getString("state")).isEqualTo(state);
        assertThat(row.getString("end")).isEqualTo(NOW.plus(ends).toString());
        assertThat(row.getString("source")).isEqualTo("default/a");
        assertThat(row.getJsonArray("names")).containsExactly("a.example");
    }

    @Test
    void whatEndsFirstComesFirst() {
        Map<String, Credential> credentials = Map.of(
                "default/late", issue("late.example", NOW, NOW.plus(Duration.ofDays(60))),
                "default/early", issue("early.example", NOW, NOW.plus(Duration.ofDays(6))));

        JsonArray rows = report(served(credentials), null);

        assertThat(rows.stream().map(row -> ((JsonObject) row).getString("source")))
                .containsExactly("default/early", "default/late");
    }

    @Test
    void theIdentityAndItsAuthoritiesAreThereOnceAndNoKeyIs() throws Exception {
        Issued issued = AUTHORITY
                .leaf("gateway")
                .uri("spiffe://example.org/gateway")
                .valid(NOW.minus(Duration.ofMinutes(5)), NOW.plus(Duration.ofHours(1)))
                .issue();
        TrustBundle trust = issued.trust();
        WorkloadIdentity identity = WorkloadIdentity.of(issued.credential(), trust, "test");

        JsonArray rows = report(
                new CertificatesInUse(
                        Map.of("/identity", identity.svid()), Map.of("/identity/ca.crt", trust), Set.of(), null, false),
                identity);

        assertThat(rows.stream()
                        .map(row ->
                                ((JsonObject) row).getString("kind") + ' ' + ((JsonObject) row).getString("source")))
                .containsExactly("identity spiffe://example.org/gateway", "authority example.org");
        assertThat(rows.encode()).doesNotContain("PRIVATE", "privateKey");
    }
}
