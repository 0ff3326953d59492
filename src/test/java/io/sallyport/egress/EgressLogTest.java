package io.sallyport.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.outcome.ClientFacts;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EgressLogTest {
    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final List<String> lines = new ArrayList<>();
    private final EgressLog log = new EgressLog(false, clock::get, lines::add);

    @Test
    void aHostIsToldOfOnceAMinute() {
        for (int i = 0; i < 100; i++) {
            log.onRequestEnd(Facts.denied());
        }
        assertThat(lines)
                .containsExactly(
                        "egress denied: evil.example:443 (TLS) requested by 10.0.0.7:51000: egress_host_not_listed");

        clock.addAndGet(59_999);
        log.onRequestEnd(Facts.denied());
        log.onRequestEnd(Facts.denied("other.example"));
        assertThat(lines).hasSize(2);

        clock.addAndGet(1);
        log.onRequestEnd(Facts.denied());
        assertThat(lines).hasSize(3);
        assertThat(lines.getLast())
                .startsWith("egress denied: evil.example:443")
                .endsWith(" (and 100 more since the last line)");
    }

    @Test
    void theDenialsOwnWordsAreTold() {
        RequestFacts facts = Facts.denied();
        facts.egress =
                facts.egress.denied("egress denied: evil.example:443 (TLS): not on the list; add ServiceEntry …");
        log.onRequestEnd(facts);

        assertThat(lines).containsExactly(facts.egress.denial());
    }

    @Test
    void manyHostsFillNeitherLogNorMemory() {
        for (int i = 0; i < 100_000; i++) {
            log.onRequestEnd(Facts.denied("h" + i + ".example"));
        }
        assertThat(lines).hasSize(1_001);
        assertThat(lines.getLast()).contains("more than 1000 hosts");

        clock.addAndGet(60_000);
        log.onRequestEnd(Facts.denied("new.example"));
        assertThat(lines).hasSize(1_002).last().asString().startsWith("egress denied: new.example:443");
    }

    @Test
    void whatIsLetOutIsNotToldUnlessThatIsWanted() {
        var all = new EgressLog(true, clock::get, lines::add);
        log.onRequestEnd(Facts.unlisted("a.example"));
        log.onRequestEnd(Facts.letOut());
        log.onRequestEnd(Facts.forwarded());
        all.onRequestEnd(Facts.letOut());
        assertThat(lines).isEmpty();

        all.onRequestEnd(Facts.unlisted("a.example"));
        assertThat(lines)
                .singleElement()
                .asString()
                .startsWith("egress of an unlisted host: a.example:443 (TLS) requested by 10.0.0.7:51000: let");
    }

    @Test
    void whatAPeerNamesItselfCannotForgeALine() {
        RequestFacts facts = Facts.denied();
        facts.client = ClientFacts.of(facts.client.remote(), "spiffe://a\nforged");
        log.onRequestEnd(facts);

        assertThat(lines).singleElement().asString().contains("spiffe://a\\x0aforged, 10.0.0.7:51000");
    }
}
