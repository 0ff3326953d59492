package io.sallyport.egress;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sallyport.outcome.EgressFacts;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.telemetry.Scraped;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EgressUsageTest {
    private static final long BEGIN = 1_777_636_800_000L;
    private static final long NOW = BEGIN + 3_600_000;

    private final Scraped scraped = new Scraped();
    private final EgressUsage usage = new EgressUsage(Clock.fixed(Instant.ofEpochMilli(NOW), ZoneOffset.UTC), 3);

    @BeforeEach
    void register() {
        scraped.exposition.add(new EgressMetrics(usage));
    }

    @Test
    void whatIsLetOutIsCountedByItsEntry() {
        usage.onRequestEnd(Facts.letOut());
        usage.onRequestEnd(Facts.letOut());
        RequestFacts plain = Facts.letOut();
        plain.egress = letOut("api.partner.example", 80, "HTTP", null);
        usage.onRequestEnd(plain);
        RequestFacts otherPort = Facts.letOut();
        otherPort.egress = letOut("api.partner.example", 8443, "TLS", null);
        usage.onRequestEnd(otherPort);
        usage.onRequestEnd(Facts.unlisted("a.example"));
        usage.onRequestEnd(Facts.forwarded());

        assertThat(lines("sallyport_egress_requests_total"))
                .containsExactlyInAnyOrder(
                        "sallyport_egress_requests_total{permit=\"ServiceEntry default/partner\",protocol=\"TLS\"} 3.0",
                        "sallyport_egress_requests_total{permit=\"ServiceEntry default/partner\",protocol=\"HTTP\"} 1.0",
                        "sallyport_egress_requests_total{permit=\"egress mode\",protocol=\"TLS\"} 1.0");
        assertThat(lines("sallyport_egress_denied_total")).isEmpty();
    }

    @Test
    void hostsThatClientsInventDoNotGrowTheMetrics() {
        usage.onRequestEnd(Facts.denied("first.example"));
        usage.onRequestEnd(Facts.denied("first.example"));
        for (int i = 0; i < 1_000; i++) {
            usage.onRequestEnd(Facts.denied("h" + i + ".example"));
        }
        usage.onRequestEnd(Facts.denied("first.example"));

        assertThat(lines("sallyport_egress_denied_total"))
                .hasSize(4)
                .contains(
                        "sallyport_egress_denied_total{host=\"first.example\",port=\"443\",reason=\"egress_host_not_listed\"} 3.0",
                        "sallyport_egress_denied_total{host=\"h1.example\",port=\"443\",reason=\"egress_host_not_listed\"} 1.0",
                        "sallyport_egress_denied_total{host=\"overflow\",port=\"\",reason=\"egress_host_not_listed\"} 998.0");
        assertThat(usage.denied()).hasSize(4).last().satisfies(overflow -> {
            assertThat(overflow.host()).isEqualTo("overflow");
            assertThat(overflow.requests()).isEqualTo(998);
        });
    }

    @Test
    void learningIsBoundedAndCountsWhatItDropped() {
        for (int i = 0; i < EgressUsage.MOST_LEARNED + 5; i++) {
            usage.onRequestEnd(Facts.unlisted("h" + i + ".example"));
        }

        assertThat(usage.learned()).hasSize(EgressUsage.MOST_LEARNED);
        assertThat(usage.notLearned()).isEqualTo(5);
    }

    /// Entries with a wildcard are used by many hosts, and are one entry.
    @Test
    void usesOfAWildcardAreUsesOfItsEntry() {
        for (String host : List.of("a.partner.example", "b.partner.example")) {
            RequestFacts facts = Facts.letOut();
            facts.egress = letOut(host, 443, "TLS", "*.partner.example");
            usage.onRequestEnd(facts);
        }

        assertThat(usage.listed())
                .containsExactly(new EgressUse(
                        "ServiceEntry default/partner",
                        "*.partner.example",
                        443,
                        "TLS",
                        2,
                        BEGIN,
                        BEGIN + 60_000,
                        false));
    }

    @Test
    void aTunnelThatIsOpenIsInUseNow() {
        RequestFacts facts = Facts.letOut();
        facts.endpoint = Facts.endpoint("192.0.2.1:443");
        usage.onConnectionStart(facts);
        assertThat(usage.listed()).singleElement().satisfies(use -> {
            assertThat(use.open()).isTrue();
            assertThat(use.lastMillis()).isEqualTo(NOW);
        });

        // What the tunnel carried was not what it was opened for.
        facts.flag = ResponseFlag.RBAC;
        facts.details = "egress_sni_mismatch";
        usage.onConnectionEnd(facts);
        assertThat(usage.listed()).singleElement().satisfies(use -> assertThat(use.open())
                .isFalse());
        assertThat(usage.denied()).singleElement().satisfies(use -> assertThat(use.how())
                .isEqualTo("egress_sni_mismatch"));
    }

    @Test
    void aTunnelOfARequestIsInUseFromItsStart() {
        RequestFacts facts = Facts.letOut();
        facts.tunnel = true;
        usage.onTunnelStart(facts);
        assertThat(usage.listed()).singleElement().satisfies(use -> {
            assertThat(use.open()).isTrue();
            assertThat(use.requests()).isZero();
        });

        usage.onRequestEnd(facts);
        assertThat(usage.listed()).singleElement().satisfies(use -> {
            assertThat(use.open()).isFalse();
            assertThat(use.requests()).isEqualTo(1);
        });
    }

    private static EgressFacts letOut(String host, int port, String protocol, String pattern) {
        return new EgressFacts(host, port, protocol, "ServiceEntry default/partner", pattern, null);
    }

    @Test
    void aSlipIsNotLearned() {
        RequestFacts facts = Facts.unlisted("exmaple.com");
        facts.endpoint = EndpointFacts.NONE;
        facts.flag = ResponseFlag.UF;
        usage.onRequestEnd(facts);

        assertThat(usage.learned()).isEmpty();
    }

    @Test
    void aConnectionThatCameToNothingLeavesNoneOpen() {
        usage.onConnectionEnd(Facts.letOut());
        RequestFacts facts = Facts.letOut();
        facts.endpoint = Facts.endpoint("192.0.2.1:443");
        usage.onConnectionStart(facts);

        assertThat(usage.listed()).singleElement().satisfies(use -> assertThat(use.open())
                .isTrue());
    }

    @Test
    void loopsAreSummed() throws Exception {
        for (int i = 0; i < 4; i++) {
            Thread loop = Thread.ofPlatform().start(() -> {
                for (int n = 0; n < 10_000; n++) {
                    usage.onRequestEnd(Facts.letOut());
                }
            });
            loop.join();
        }

        assertThat(usage.listed()).singleElement().satisfies(use -> assertThat(use.requests())
                .isEqualTo(40_000));
    }

    @Test
    void aRequestLikeOneBeforeAllocatesNothing() {
        RequestFacts letOut = Facts.letOut();
        RequestFacts denied = Facts.denied();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                usage.onRequestEnd(letOut);
                usage.onRequestEnd(denied);
            }
            allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
        }

        assertThat(allocated / 10_000).isZero();
    }

    private List<String> lines(String metric) {
        return scraped.lines().stream().filter(line -> line.startsWith(metric)).toList();
    }
}
