package io.sallyport.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.egress.EgressDenial.Reason;
import io.sallyport.egress.EgressPermit.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressDenialTest {
    private static final EgressList LIST = EgressList.of(List.of(
            permit("partner", "api.partner.example", 443, Kind.TLS),
            permit("partner", "api.partner.example", 8443, Kind.TCP),
            permit("cdn", "*.cdn.example", 443, Kind.TLS),
            permit("cdn", "*.cdn.example", 80, Kind.HTTP),
            permit("ranges", "192.0.2.0/24", 443, Kind.TLS),
            permit("ranges", "2001:db8::/32", 443, Kind.TLS),
            new EgressPermit("mesh service", "", "pay.default.svc.cluster.local", 80, Kind.HTTP)));

    @Test
    void theAnswerSaysWhatWasAskedForByWhomAndWhatWouldAllowIt() {
        EgressDenial denial = EgressDenial.of(
                new EgressRequest("api.example.com", 443, Kind.TLS, "spiffe://cluster.local/ns/a/sa/b", "10.0.0.7"),
                LIST);

        assertThat(denial.reason()).isEqualTo(Reason.HOST_NOT_LISTED);
        assertThat(denial.explanation()).isEqualTo("""
                # egress denied: api.example.com:443 (TLS) requested by spiffe://cluster.local/ns/a/sa/b, 10.0.0.7: not on the list
                # This ServiceEntry would allow it:
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata:
                  name: api.example.com
                spec:
                  hosts:
                  - api.example.com
                  location: MESH_EXTERNAL
                  resolution: DNS
                  ports:
                  - {number: 443, name: tls-443, protocol: TLS}
                """);
        assertThat(denial.line())
                .isEqualTo("egress denied: api.example.com:443 (TLS) requested by"
                        + " spiffe://cluster.local/ns/a/sa/b, 10.0.0.7: not on the list;"
                        + " add ServiceEntry with host api.example.com, port 443 TLS, resolution DNS");
    }

    @ParameterizedTest
    @CsvSource({
        "api.partner.exmaple, api.partner.example",
        "api.partnr.example, api.partner.example",
        "api.partner.examples, api.partner.example",
        "aip.partner.exampl, api.partner.example",
        "img.cnd.example, *.cdn.example",
    })
    void aSlipIsRecognised(String asked, String nearest) {
        assertThat(denial(asked, 443, Kind.TLS).line()).contains("the nearest name on it is " + nearest + ";");
    }

    @ParameterizedTest
    @ValueSource(strings = {"api.partner.example.evil", "evilapi.partner.example", "cdn.example", "xyz.other.example"})
    void whatIsFurtherAwayIsNoSlip(String asked) {
        EgressDenial denial = denial(asked, 443, Kind.TLS);

        assertThat(denial.reason()).isEqualTo(Reason.HOST_NOT_LISTED);
        assertThat(denial.line()).contains(": not on the list; add").doesNotContain("nearest");
    }

    @Test
    void anotherPortNamesTheListedOnesAndWhoListsThem() {
        EgressDenial denial = denial("api.partner.example", 80, Kind.HTTP);

        assertThat(denial.reason()).isEqualTo(Reason.PORT_NOT_LISTED);
        assertThat(denial.line())
                .contains("listed only for ports 443, 8443, by ServiceEntry default/partner (egress.yaml:7); add");
        assertThat(denial.suggestion())
                .contains("name: api.partner.example-80\n", "namespace: default\n", "{number: 80, name: http-80,");
    }

    @Test
    void aPortBesideAWildcardIsForTheOneHost() {
        assertThat(denial("img.cdn.example", 8080, Kind.TCP).suggestion())
                .contains("- img.cdn.example\n", "  ports:\n  - {number: 8080, name: tcp-8080, protocol: TCP}")
                .doesNotContain("*", "443");
    }

    @Test
    void aHostWithinAWildcardHasItsOwnPortsAndTheWildcards() {
        EgressList list = EgressList.of(List.of(
                permit("cdn", "*.cdn.example", 443, Kind.TLS), permit("img", "img.cdn.example", 8443, Kind.TCP)));
        EgressRequest asked = new EgressRequest("img.cdn.example", 80, Kind.HTTP, null, null);

        assertThat(EgressDenial.of(asked, list).line()).contains("listed only for ports 443, 8443");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            api.partner.example | 443 | HTTP | listed for TLS only | ask for https://
            api.partner.example | 8443 | HTTP | listed for TCP only | ask for a tunnel
            img.cdn.example | 80 | TCP | listed for HTTP only | ask for http://
            """)
    void anotherProtocolNamesTheListedOneAndTheWayToAsk(String host, int port, Kind kind, String why, String remedy) {
        EgressDenial denial = denial(host, port, kind);

        assertThat(denial.reason()).isEqualTo(Reason.PROTOCOL_NOT_LISTED);
        assertThat(denial.line()).contains(why, "(egress.yaml:7); " + remedy);
        assertThat(denial.suggestion()).isNull();
    }

    @Test
    void aPortOfAMeshServiceIsNotForAServiceEntry() {
        EgressDenial denial = denial("pay.default.svc.cluster.local", 81, Kind.HTTP);

        assertThat(denial.line()).contains("listed only for port 80, by mesh service");
        assertThat(denial.suggestion()).isNull();
    }

    @Test
    void addressesAreListedByRange() {
        assertThat(denial("192.0.2.9", 80, Kind.HTTP).reason()).isEqualTo(Reason.PORT_NOT_LISTED);
        assertThat(denial("[2001:db8::5]", 80, Kind.HTTP).reason()).isEqualTo(Reason.PORT_NOT_LISTED);
        assertThat(denial("192.0.3.9", 80, Kind.HTTP).reason()).isEqualTo(Reason.HOST_NOT_LISTED);
        assertThat(denial("[2001:db9::5]", 80, Kind.HTTP).reason()).isEqualTo(Reason.HOST_NOT_LISTED);
    }

    @Test
    void aDisguisedAddressIsToldTheUsualSpelling() {
        EgressDenial denial = denial("0x7f.1", 80, Kind.HTTP);

        assertThat(denial.reason()).isEqualTo(Reason.NUMERIC_HOST);
        assertThat(denial.line()).contains("some read it as the address 127.0.0.1, which must be written so");
        assertThat(denial.suggestion()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"payments", "under_score.example.com", "-a.example.com", "a.example-.com"})
    void whatNoServiceEntryCanNameIsSaidSo(String host) {
        EgressDenial denial = denial(host, 443, Kind.TLS);

        assertThat(denial.suggestion()).isNull();
        assertThat(denial.line()).contains("no ServiceEntry can name it: ");
    }

    @Test
    void nothingThatAPeerSentEndsALine() {
        EgressDenial denial = EgressDenial.of(
                new EgressRequest("a.example\nspec: {}", 80, Kind.HTTP, "spiffe://a\r\nforged \u001b[31m", null), LIST);

        assertThat(denial.line()).doesNotContain("\n", "\r", "\u001b");
        assertThat(denial.suggestion()).isNull();
        assertThat(denial.explanation().lines()).hasSize(1);
    }

    /// Denials are answered on event loops: a client that asks for one name after the other must not hold one up.
    @Test
    void aLongListIsSearchedWithinTwoMilliseconds() {
        List<EgressPermit> permits = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            permits.add(permit("s" + i, "service-%05d.partner.example".formatted(i), 443, Kind.TLS));
        }
        EgressList list = EgressList.of(permits);
        EgressRequest asked = new EgressRequest("service-xxxxx.partner.example", 443, Kind.TLS, null, "10.0.0.7");
        for (int i = 0; i < 200; i++) {
            EgressDenial.of(asked, list);
        }
        // All do the same; a busy machine may delay some of them.
        long quickest = Long.MAX_VALUE;
        for (int i = 0; i < 200; i++) {
            long before = System.nanoTime();
            EgressDenial.of(asked, list);
            quickest = Math.min(quickest, System.nanoTime() - before);
        }

        assertThat(quickest).as("nanoseconds").isLessThan(2_000_000);
    }

    private static EgressDenial denial(String host, int port, Kind kind) {
        return EgressDenial.of(new EgressRequest(host, port, kind, null, "10.0.0.7"), LIST);
    }

    private static EgressPermit permit(String name, String host, int port, Kind kind) {
        return new EgressPermit("ServiceEntry default/" + name, "egress.yaml:7", host, port, kind);
    }
}
