package io.sallyport;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Holds the table of packages: each is a room with one job, and its row names the doors it has.
@AnalyzeClasses(packages = "io.sallyport", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    /// What each room may use, itself and its parts apart.
    private static final Map<String, List<String>> DOORS = Map.ofEntries(
            Map.entry("format", List.of()),
            Map.entry("persistent", List.of()),
            Map.entry("outcome", List.of("format")),
            Map.entry("net", List.of("outcome")),
            Map.entry("http", List.of("net")),
            Map.entry("operators", List.of("format", "net", "outcome")),
            Map.entry("telemetry", List.of("format", "net", "operators", "outcome")),
            Map.entry("route", List.of("format", "net")),
            Map.entry("jwt", List.of("http", "net")),
            Map.entry("policy", List.of("identity", "jwt", "net", "outcome", "route")),
            Map.entry("config", List.of("format", "jwt", "net", "persistent")),
            Map.entry("discovery", List.of()),
            Map.entry("identity", List.of("outcome")),
            Map.entry("tls", List.of("identity", "net")),
            Map.entry("egress", List.of("route", "net", "outcome", "telemetry")),
            Map.entry("cluster", List.of("http", "identity", "net", "outcome", "persistent", "tls")),
            Map.entry("upstream", List.of("cluster", "http", "identity", "net", "outcome", "tls")),
            Map.entry("extauth", List.of("call", "cluster", "http", "net", "outcome", "policy", "upstream")),
            Map.entry("call", List.of("cluster", "http", "net", "outcome", "upstream")),
            Map.entry(
                    "workload",
                    List.of("call", "cluster", "http", "identity", "jwt", "net", "route", "tls", "upstream")),
            Map.entry("jwks", List.of("call", "cluster", "identity", "jwt", "net", "outcome", "tls", "upstream")),
            Map.entry("trace", List.of("format", "http", "outcome")),
            Map.entry(
                    "otlp",
                    List.of(
                            "call",
                            "cluster",
                            "format",
                            "http",
                            "identity",
                            "net",
                            "operators",
                            "outcome",
                            "snapshot",
                            "telemetry",
                            "tls",
                            "trace",
                            "upstream")),
            Map.entry(
                    "snapshot",
                    List.of(
                            "cluster",
                            "egress",
                            "format",
                            "http",
                            "identity",
                            "net",
                            "outcome",
                            "policy",
                            "route",
                            "tls",
                            "trace")),
            Map.entry(
                    "compile",
                    List.of(
                            "cluster",
                            "config",
                            "discovery",
                            "egress",
                            "format",
                            "http",
                            "identity",
                            "jwks",
                            "jwt",
                            "net",
                            "operators",
                            "outcome",
                            "persistent",
                            "policy",
                            "route",
                            "snapshot",
                            "tls",
                            "trace",
                            "workload")),
            Map.entry(
                    "reload",
                    List.of(
                            "cluster",
                            "compile",
                            "config",
                            "discovery",
                            "identity",
                            "jwks",
                            "outcome",
                            "persistent",
                            "route",
                            "snapshot",
                            "upstream",
                            "workload")),
            Map.entry(
                    "tunnel",
                    List.of(
                            "cluster",
                            "egress",
                            "extauth",
                            "format",
                            "http",
                            "net",
                            "outcome",
                            "policy",
                            "route",
                            "snapshot",
                            "tls",
                            "trace",
                            "upstream")),
            Map.entry(
                    "proxy",
                    List.of(
                            "call",
                            "cluster",
                            "egress",
                            "extauth",
                            "format",
                            "http",
                            "identity",
                            "jwt",
                            "net",
                            "operators",
                            "outcome",
                            "policy",
                            "route",
                            "snapshot",
                            "tls",
                            "trace",
                            "tunnel",
                            "upstream")),
            Map.entry(
                    "listener",
                    List.of(
                            "http",
                            "identity",
                            "net",
                            "outcome",
                            "policy",
                            "proxy",
                            "reload",
                            "snapshot",
                            "telemetry",
                            "tls",
                            "tunnel")));

    private static final Set<String> TRIMMED =
            Set.of("java.lang.String", "io.netty.util.AsciiString", "io.netty.util.internal.StringUtil");

    private static final Set<String> TRIMMING_METHODS =
            Set.of("trim", "trimOws", "strip", "stripLeading", "stripTrailing", "isBlank", "split", "unescapeCsv");

    private static final Predicate<JavaMethodCall> TRIMMING =
            call -> TRIMMED.contains(call.getTargetOwner().getName())
                    && TRIMMING_METHODS.contains(call.getTarget().getName());

    /// They put the rooms together, so they see all of them and no room sees them.
    private static final List<String> OUTSIDE =
            List.of("cli", "admin", "demo", "explain", "runtime", "vertx", "webhook");

    @ArchTest
    static final ArchRule everyRoomHasOnlyItsOwnDoors = rooms();

    @ArchTest
    static final ArchRule noRoomsLeadInACircle =
            slices().matching("io.sallyport.(*)..").should().beFreeOfCycles().allowEmptyShould(true);

    /// A package that no row names would escape the table.
    @ArchTest
    static final ArchRule everyClassStandsInARoom =
            classes().should().resideInAnyPackage(allPackages()).allowEmptyShould(true);

    /// They remove or split at more than space, tab and the separator, above all `AsciiString`'s, which take every
    /// byte above 127 for blank: peers' bytes are for `FieldList`. Those that are left out read settings, texts of
    /// the gateway, or hosts that one parser has read before.
    @ArchTest
    static final ArchRule peersBytesAreNotTrimmedByMethodsThatRemoveTooMuch = noClasses()
            .that()
            .resideInAnyPackage(
                    inside("http"),
                    inside("net"),
                    inside("proxy"),
                    inside("tunnel"),
                    inside("listener"),
                    inside("cluster"),
                    inside("upstream"),
                    inside("route"))
            .and()
            .doNotHaveFullyQualifiedName("io.sallyport.proxy.FactSheet")
            .and()
            .doNotHaveFullyQualifiedName("io.sallyport.http.h1.ReasonPhrases")
            .and()
            .doNotHaveFullyQualifiedName("io.sallyport.net.AddressRange")
            .and()
            .doNotHaveFullyQualifiedName("io.sallyport.net.NumericHost")
            .should()
            .callMethodWhere(DescribedPredicate.describe("a method that trims or splits text", TRIMMING));

    @ArchTest
    static final ArchRule vertxIsUsedByItsApi = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.sallyport.vertx.VertxInternals")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..impl..");

    /// Classes are initialized when a native image is built, and its heap may hold no addresses.
    @ArchTest
    static final ArchRule constantsHoldNoAddresses = noFields()
            .that()
            .areStatic()
            .should()
            .haveRawType(assignableTo(InetAddress.class).or(assignableTo(SocketAddress.class)));

    /// Classes of one package that all lead to each other, where they are more than three: what has to be read at once.
    /// Each figure may fall and must not grow.
    private static final Map<String, Integer> KNOTS = Map.of();

    @ArchTest
    static void knotsOnlyComeLoose(JavaClasses classes) {
        assertThat(Knots.of(classes)).isEqualTo(KNOTS);
    }

    private static ArchRule rooms() {
        var building =
                layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true);
        for (String room : DOORS.keySet()) {
            building = building.layer(room).definedBy(inside(room));
        }
        for (String place : OUTSIDE) {
            building = building.layer(place).definedBy(inside(place));
        }
        building = building.layer("entry").definedBy("io.sallyport");
        for (var row : DOORS.entrySet()) {
            building = row.getValue().isEmpty()
                    ? building.whereLayer(row.getKey()).mayNotAccessAnyLayer()
                    : building.whereLayer(row.getKey())
                            .mayOnlyAccessLayers(row.getValue().toArray(String[]::new));
        }
        return building.allowEmptyShould(true);
    }

    private static String[] allPackages() {
        var packages = new ArrayList<>(List.of("io.sallyport"));
        DOORS.keySet().forEach(room -> packages.add(inside(room)));
        OUTSIDE.forEach(place -> packages.add(inside(place)));
        return packages.toArray(String[]::new);
    }

    private static String inside(String room) {
        return "io.sallyport." + room + "..";
    }
}
