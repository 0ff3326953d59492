package io.sallyport.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.compile.CompileOptions;
import io.sallyport.compile.EgressOptions;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.egress.EgressPermit.Kind;
import io.sallyport.explain.egress.EgressEntries;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.tunnel.MeshAdmission;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a denial suggests is pasted as it is, so it must be valid as it is.
class SuggestedListingTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "api.example.com, 443, TLS, DNS, api.example.com, ''",
        "api.example.com, 80, HTTP, DNS, api.example.com, ''",
        "db.example.com, 65535, TCP, DNS, db.example.com, ''",
        "xn--bcher-kva.example, 443, TLS, DNS, xn--bcher-kva.example, ''",
        "1.2.3.4.example, 443, TLS, DNS, 1.2.3.4.example, ''",
        "192.0.2.7, 443, TLS, NONE, 192-0-2-7.address.invalid, 192.0.2.7",
        "192.0.2.7, 22, TCP, NONE, 192-0-2-7.address.invalid, 192.0.2.7",
        "[2001:db8::], 443, TLS, NONE, 20010db8000000000000000000000000.address.invalid, 2001:db8::",
        "[::1], 80, HTTP, NONE, 00000000000000000000000000000001.address.invalid, ::1",
    })
    void theSuggestionIsValidAndNamesWhatWasAskedFor(
            String host, int port, Kind kind, String resolution, String named, String address) throws Exception {
        String yaml = suggestion(host, port, kind, EgressList.of(List.of()));

        ServiceEntry entry = load(yaml).getFirst();
        assertThat(entry.hosts()).containsExactly(named);
        assertThat(entry.resolution()).hasToString(resolution);
        assertThat(entry.location()).isEqualTo(ServiceEntry.Location.MESH_EXTERNAL);
        assertThat(String.join(",", entry.addresses())).isEqualTo(address);
        assertThat(entry.ports()).singleElement().satisfies(listed -> {
            assertThat(listed.number()).isEqualTo(port);
            assertThat(listed.protocol()).hasToString(kind.name());
        });
    }

    /// The list as it is compiled from the suggestion lets out the very request that was denied.
    @ParameterizedTest
    @CsvSource({
        "api.example.com, 443, TLS",
        "api.example.com, 80, HTTP",
        "api.example.com, 8443, TCP",
        "192.0.2.7, 443, TLS",
        "192.0.2.7, 80, HTTP",
        "[2001:db8::], 22, TCP",
    })
    void theSuggestionMakesTheRequestAllowed(String host, int port, Kind kind) throws Exception {
        boolean tunnel = kind != Kind.HTTP;
        var asked = new MeshAdmission.Asked(host, port, tunnel, kind == Kind.TLS);
        String unrelated =
                ListingText.of("other.example.com", Map.of(1, Kind.TCP)).yaml();
        RequestFacts facts = new RequestFacts();
        MeshRoutes before = routes(unrelated);
        assertThatThrownBy(() -> MeshAdmission.admit(before, asked, facts)).isInstanceOf(ProxyException.class);

        String suggestion = suggestion(host, port, kind, before.list());
        MeshRoutes after = routes(unrelated + "---\n" + suggestion);
        assertThat(MeshAdmission.admit(after, asked, facts).permit().kind()).isEqualTo(kind);
        assertThat(facts.egress.permit()).startsWith("ServiceEntry default/");
    }

    @Test
    void aPortIsAddedToAListedHostWithoutLosingTheOthers() throws Exception {
        String there = ListingText.of("api.example.com", Map.of(443, Kind.TLS)).yaml();
        String added =
                suggestion("api.example.com", 80, Kind.HTTP, routes(there).list());
        MeshRoutes both = routes(there + "---\n" + added);

        RequestFacts facts = new RequestFacts();
        MeshAdmission.admit(both, new MeshAdmission.Asked("api.example.com", 443, true, true), facts);
        MeshAdmission.admit(both, MeshAdmission.Asked.request("api.example.com", 80), facts);
        assertThat(facts.egress.permit()).isEqualTo("ServiceEntry default/api.example.com-80");
    }

    @Test
    void aNameAsLongAsDnsAllowsHasAResourceNameThatFits() throws Exception {
        String label = "a".repeat(49) + ".";
        String host = label.repeat(5) + "com";
        assertThat(host).hasSize(253);
        EgressPermit permit = new EgressPermit("ServiceEntry default/a", "", host, 443, Kind.TLS);

        load(suggestion(host, 443, Kind.TLS, EgressList.of(List.of())));
        load(suggestion(host, 80, Kind.HTTP, EgressList.of(List.of(permit))));
    }

    /// Entries of one namespace add up their ports.
    @Test
    void anAdditionStandsBesideTheEntryThatIsThere() throws Exception {
        String there = ListingText.of("api.example.com", Map.of(443, Kind.TLS)).yaml();
        EgressPermit permit =
                new EgressPermit("ServiceEntry default/api.example.com", "", "api.example.com", 443, Kind.TLS);
        String added = suggestion("api.example.com", 80, Kind.HTTP, EgressList.of(List.of(permit)));

        assertThat(load(there + "---\n" + added)).hasSize(2);
    }

    private static String suggestion(String host, int port, Kind kind, EgressList list) {
        return EgressDenial.of(new EgressRequest(host, port, kind, null, null), list)
                .suggestion();
    }

    private List<ServiceEntry> load(String yaml) throws Exception {
        return List.copyOf(read(yaml).configuration().serviceEntries());
    }

    private MeshRoutes routes(String yaml) throws Exception {
        return Objects.requireNonNull(EgressEntries.routes(read(yaml).plan()));
    }

    private ConfigurationSource.Read read(String yaml) throws Exception {
        Files.writeString(directory.resolve("egress.yaml"), yaml);
        CompileOptions of = CompileOptions.defaults();
        ConfigurationSource.Read read = new ConfigurationSource(
                        directory,
                        LoadOptions.DEFAULT,
                        AnalysisOptions.defaults(),
                        new CompileOptions(
                                of.scope(),
                                of.portMap(),
                                null,
                                null,
                                of.trustDomain(),
                                new EgressOptions(15001, null, EgressMode.REGISTRY_ONLY, List.of())),
                        Clock.systemUTC())
                .read();
        // A TCP service without addresses is reached by CONNECT, as it was here.
        assertThat(read.problems())
                .filteredOn(problem -> problem.code() != ProblemCode.ADDRESSES_NEEDED)
                .isEmpty();
        return read;
    }
}
