package io.sallyport.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsValidationTest {

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(delimiter = '|', textBlock = """
        admin.port | http | Expected an integer value, got "http"
        admin.port | 65536 | must be between 0 and 65535
        admin.port | 15021 | is also the health port
        health.port | -1 | must be between 0 and 65535
        drain.grace | soon | soon
        drain.grace | -5s | must not be negative
        health.max-blocked | 0s | must be
        access-log.format | xml | is not one of json, text
        access-log.file | logs/access.log | must be the absolute path of a file
        access-log.template | %FOO% | column 1: %FOO% is not an operator that the gateway knows; those that there are: config/access-log.md; write %% for a percent sign
        access-log.queue | 0 | must be between 1 and 1048576
        metrics.max-series | 0 | must be between 1 and 1000000
        metrics.max-label-values | 0 | must be between 1 and 100000
        metrics.duration-buckets | 1,fast | "fast" is not a number above zero
        metrics.duration-buckets | 0,1 | "0" is not a number above zero
        metrics.duration-buckets | 1,NaN | "NaN" is not a number above zero
        metrics.request-size-buckets | 10,10 | "10" is not above "10": bounds must rise
        metrics.response-size-buckets | none,10 | "none" is not a number above zero
        limits.target-bytes | 8X | 8X
        limits.target-bytes | 3G | must be between 64 and 1048576 bytes
        limits.connection-window-bytes | 1K | must be between 65535 and 2147483647 bytes
        limits.connections | 0 | must be at least 1
        limits.head-timeout | 0s | must be more than nothing
        path-normalization | SOME | is not one of base, decode-and-merge-slashes, merge-slashes, none
        encoded-slashes | drop | is not one of decode, keep, reject
        identity.endpoint-socket | /run/agent.sock | must be unix:///<path> or tcp://<IP address>:<port>
        identity.endpoint-socket | tcp://agent:8081 | must be unix:///<path> or tcp://<IP address>:<port>
        identity.ca-address | istiod.istio-system.svc | must be a name or IPv4 address in lower case, and a port
        identity.ca-address | istiod.istio-system.svc:0 | must be a name or IPv4 address in lower case, and a port
        identity.ca-address | https://istiod:15012 | must be a name or IPv4 address in lower case, and a port
        identity.service-account | a/b | must be the name of a service account
        client-cert.forward | all | is not one of always-forward-only, append-forward, forward-only, sanitize, sanitize-set
        client-cert.fields | subject,issuer | is not one of
        event-loops | -1 | must be between 0 and 1024
        trusted-hops | 101 | must be between 0 and 100
        labels | istio | "istio" is not a label such as istio=ingressgateway
        locality | eu/a/b/c | must be region/zone/subzone
        locality | eu/* | must be region/zone/subzone
        namespace | Edge | must be a DNS name in lower case
        cluster-domain | .cluster.local | without a dot in front
        port-map.http | 8080 | "http" is not a port between 1 and 65535
        port-map.80 | eighty | must be a port between 1 and 65535
        flag-header | x flag | must be a token
        via | a b | must be a token
        mesh.port | 0 | must be between 1 and 65535
        mesh.tls.mode | mutual | needs sallyport.mesh.tls.credential-name
        mesh.tls.mode | passthrough | is not one of istio-mutual, mutual, optional-mutual, simple
        mesh.tls.required | true | needs sallyport.mesh.tls.credential-name
        mesh.tls.credential-name | ../proxy | must be the name of a secret
        mesh.tls.hosts | https://proxy | "https://proxy" is not a host name
        egress.mode | any | is not one of allow-any, learn, registry-only
        egress.allowed-cidrs | 10.0.0.0/33 | "10.0.0.0/33" is not an address range
        egress.allowed-cidrs | 010.0.0.0/8 | "010.0.0.0/8" is not an address range
        egress.allowed-cidrs | 10 | "10" is not an address range
        egress.own-addresses | sallyport | "sallyport" is not an address range
        dns.servers | dns.example.com | "dns.example.com" is not an address such as 10.96.0.10
        dns.servers | 10.0.0.1:0 | "10.0.0.1:0" is not an address such as
        dns.servers | 10.0.0.1:65536 | "10.0.0.1:65536" is not an address such as
        dns.servers | 10.0.0.1,fd00::x | "fd00::x" is not an address such as
        dns.servers | [10.0.0.1]:53 | "[10.0.0.1]:53" is not an address such as
        dns.query-timeout | 0s | must be more than nothing
        dns.lookup-family | both | is not one of
        egress.allowed-cidrs | 10.0.0.0/255.0.0.0 | "10.0.0.0/255.0.0.0" is not an address range
        egress.allowed-cidrs | fe80::1%eth0 | "fe80::1%eth0" is not an address range
        egress.usage-file | /etc/sallyport/config/x/../u.json | must not be in the configuration directory
        egress.max-denied-hosts | 0 | must be between 1 and 100000
        discovery.config-map | routes | must be namespace/name of a ConfigMap
        discovery.config-map | Edge/routes | must be namespace/name of a ConfigMap
        discovery.sync-timeout | 0s | must be more than nothing
        proxy-protocol.enabled | true | needs sallyport.proxy-protocol.allowed-cidrs
        proxy-protocol.allowed-cidrs | 10.0.0.0/33 | "10.0.0.0/33" is not an address range
        proxy-protocol.allowed-cidrs | example.com | "example.com" is not an address range
        proxy-protocol.allowed-cidrs | * | "*" is not an address range
        """)
    void aWrongValueIsReportedWithKeyValueAndReason(String key, String value, String reason) {
        List<SettingProblem> problems = problems(Map.of("sallyport." + key, value), Map.of());

        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.key()).isEqualTo("sallyport." + key);
            assertThat(problem.value()).isEqualTo(value);
            assertThat(problem.reason()).contains(reason).doesNotContain("SRCFG");
        });
    }

    @ParameterizedTest
    @CsvSource({"15000, is also the admin port", "15021, is also the health port"})
    void theMeshListenerHasAPortOfItsOwn(String port, String reason) {
        assertThat(problems(Map.of("sallyport.mesh.enabled", "true", "sallyport.mesh.port", port), Map.of()))
                .singleElement()
                .hasToString("sallyport.mesh.port=" + port + ": " + reason);
    }

    @Test
    void anIdentityComesFromOneServiceAlone() {
        assertThat(problems(
                        Map.of(
                                "sallyport.identity.ca-address", "istiod.istio-system.svc:15012",
                                "sallyport.identity.endpoint-socket", "unix:///run/agent.sock"),
                        Map.of()))
                .singleElement()
                .asString()
                .contains("cannot be used together with sallyport.identity.endpoint-socket");
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:///run/agent.sock", "whatever"})
    void aVariableOfTheEnvironmentDoesNotStandAgainstASetting(String socket) {
        Map<String, String> environment = Map.of("SPIFFE_ENDPOINT_SOCKET", socket);
        assertDoesNotThrow(() -> SettingsLoader.load(
                Map.of("sallyport.identity.ca-address", "istiod.istio-system.svc:15012"), environment, List.of()));
    }

    @Test
    void aPortOfAMeshListenerThatIsOffIsFree() {
        assertDoesNotThrow(() -> SettingsLoader.load(Map.of("sallyport.mesh.port", "15000"), Map.of(), List.of()));
    }

    @Test
    void aCredentialBesideTheIdentitysCertificateIsRefused() {
        assertThat(problems(
                        Map.of(
                                "sallyport.mesh.tls.mode", "istio-mutual",
                                "sallyport.mesh.tls.credential-name", "proxy"),
                        Map.of()))
                .singleElement()
                .asString()
                .contains("mesh.tls.credential-name=proxy: istio-mutual takes the identity directory's certificate");
    }

    @Test
    void everythingWrongIsReportedAtOnce() {
        List<SettingProblem> problems = problems(
                Map.of(
                        "sallyport.admin.port", "http",
                        "sallyport.drain.grace", "soon",
                        "sallyport.trusted-hops", "-1",
                        "sallyport.confg.dir", "/c"),
                Map.of("SALLYPORT_EVENT_LOOPS", "many", "SALLYPORT_ACESS_LOG_FORMAT", "json"));

        assertThat(problems)
                .extracting(SettingProblem::key)
                .containsExactlyInAnyOrder(
                        "sallyport.confg.dir",
                        "SALLYPORT_ACESS_LOG_FORMAT",
                        "sallyport.admin.port",
                        "sallyport.drain.grace",
                        "sallyport.event-loops",
                        "sallyport.trusted-hops");
    }

    @ParameterizedTest
    @CsvSource({
        "sallyport.confg.dir, sallyport.config.dir",
        "sallyport.accesslog.enabled, sallyport.access-log.enabled",
        "sallyport.admin.prot, sallyport.admin.port",
    })
    void anUnknownKeyIsAnErrorThatNamesTheNearest(String key, String nearest) {
        assertThat(problems(Map.of(key, "1"), Map.of()))
                .singleElement()
                .hasToString(key + ": there is no such setting; did you mean \"" + nearest + "\"?");
    }

    @ParameterizedTest
    @CsvSource({"SALLYPORT_CONFIGDIR, SALLYPORT_CONFIG_DIR", "SALLYPORT_HELTH_PORT, SALLYPORT_HEALTH_PORT"})
    void anUnknownVariableIsAnErrorThatNamesTheNearest(String variable, String nearest) {
        assertThat(problems(Map.of(), Map.of(variable, "1")))
                .singleElement()
                .hasToString(variable + ": there is no such setting; did you mean \"" + nearest + "\"?");
    }

    /// Kubernetes sets these for Services of the same namespace unless `enableServiceLinks` is false.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SALLYPORT_SERVICE_HOST=10.0.0.7",
                "SALLYPORT_SERVICE_PORT=80",
                "SALLYPORT_SERVICE_PORT_HTTP=80",
                "SALLYPORT_PORT=tcp://10.0.0.7:80",
                "SALLYPORT_PORT_80_TCP=tcp://10.0.0.7:80",
                "SALLYPORT_PORT_80_TCP_PROTO=tcp",
                "SALLYPORT_PORT_80_TCP_PORT=80",
                "SALLYPORT_PORT_80_TCP_ADDR=10.0.0.7",
                "SALLYPORT_EDGE_SERVICE_HOST=10.0.0.7",
                "SALLYPORT_EDGE_PORT=tcp://10.0.0.7:80",
            })
    void variablesOfAServiceNamedSallyportAreNotSettings(String variable) {
        int equals = variable.indexOf('=');
        var environment = Map.of(variable.substring(0, equals), variable.substring(equals + 1));

        assertDoesNotThrow(() -> SettingsLoader.load(Map.of(), environment, List.of()));
    }

    @Test
    void aServiceLinkInPlaceOfASettingIsNamedAsSuch() {
        assertThat(problems(Map.of(), Map.of("SALLYPORT_ADMIN_PORT", "tcp://10.0.0.7:80")))
                .singleElement()
                .hasToString("sallyport.admin.port=tcp://10.0.0.7:80: Kubernetes set this for a Service of that name:"
                        + " set enableServiceLinks: false on the pod");
    }

    @Test
    void otherPeoplesKeysAreNoneOfOurs() {
        var properties = Map.of("quarkus.http.port", "1", "sallyports.x", "2", "sallyport", "3");

        assertDoesNotThrow(() -> SettingsLoader.load(properties, Map.of("SALLY", "1"), List.of()));
    }

    private static List<SettingProblem> problems(Map<String, String> properties, Map<String, String> environment) {
        return catchThrowableOfType(
                        SettingsException.class, () -> SettingsLoader.load(properties, environment, List.of()))
                .problems();
    }
}
