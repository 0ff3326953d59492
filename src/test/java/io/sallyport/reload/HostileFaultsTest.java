package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.compile.EgressOptions;
import io.sallyport.config.LoadOptions;
import io.sallyport.egress.EgressMode;
import io.sallyport.reload.ConfigurationSource.Read;
import io.sallyport.testing.Yaml;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Faults within what others share: a node of YAML, a host, a port, an egress list.
class HostileFaultsTest extends IsolatedReads {
    private static String any(String host) {
        return Yaml.virtualService(host, "- {name: any, directResponse: {status: 200}}");
    }

    /// Two resources, of which the second takes a text of the first.
    private static String sharing(String gateway) {
        return """
                apiVersion: v1
                kind: List
                items:
                - apiVersion: networking.istio.io/v1
                  kind: VirtualService
                  metadata: {name: aaa, annotations: {note: &gateway %s}}
                  spec:
                    hosts: [a.example]
                    gateways: [edge]
                    http: [{name: one, directResponse: {status: 200}}]
                - apiVersion: networking.istio.io/v1
                  kind: VirtualService
                  metadata: {name: bbb}
                  spec:
                    hosts: [b.example]
                    gateways: [*gateway]
                    http: [{name: two, directResponse: {status: 200}}]
                """.formatted(gateway);
    }

    @ParameterizedTest
    @CsvSource({
        "missing,    VirtualService default/bbb left-out 0",
        "missing/*,  VirtualService default/bbb left-out 0",
    })
    void whatIsWrongWithAnAliasIsItsUsersFault(String gateway, String faults) {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("zzz.example", "zzz"));
        files.put("list.yaml", sharing("'" + gateway + "'"));

        Read read = serve();

        assertThat(faults()).isEqualTo(faults);
        assertThat(explain(read, "http://a.example/")).contains("\"one\"");
        assertThat(explain(read, "http://b.example/")).contains("404");
        assertThat(read.problems().toString()).contains("list.yaml:16:16");
    }

    /// Each is looked at for what it may hold; none of these takes longer than its length.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n",
                " \n",
                "\t\n",
                "kind\n",
                "host\n",
                "namespace \n",
                "mesh \n",
                "---\n",
                "a\n",
                "\"",
                "\u0000"
            })
    @Timeout(20)
    void aLongFileThatCannotBeRead(String repeated) {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("zzz.example", "zzz"));
        serve();
        files.put("long.yaml", "spec: [\n" + repeated.repeat(1_000_000 / repeated.length()));

        Read read = serve();

        assertThat(explain(read, "http://zzz.example/")).contains("\"zzz\"");
    }

    @Test
    void anAliasThatBreaksHoldsItsUser() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("list.yaml", sharing("edge"));
        serve();
        files.put("list.yaml", sharing("missing").replace("name: one", "name: new"));

        Read read = serve();

        assertThat(faults()).isEqualTo("VirtualService default/bbb held 1");
        assertThat(explain(read, "http://a.example/")).contains("\"new\"");
        assertThat(explain(read, "http://b.example/")).contains("\"two\"");
    }

    /// Their errors are found one by one, also where they are the same text.
    @Test
    void aliasesOfWhatIsWrongItselfCostNobodyElse() {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("zzz.example", "zzz"));
        String list = """
                apiVersion: v1
                kind: List
                items:
                - apiVersion: networking.istio.io/v1
                  kind: VirtualService
                  metadata: {name: aaa}
                  spec: {hosts: [a.example], gateways: [edge], http: &http [{name: one, directResponse: {status: 99}}]}
                - apiVersion: networking.istio.io/v1
                  kind: VirtualService
                  metadata: {name: bbb}
                  spec: {hosts: [b.example], gateways: [edge], http: [{name: two, directResponse: {status: 200}}]}
                - apiVersion: networking.istio.io/v1
                  kind: VirtualService
                  metadata: {name: ccc}
                  spec: {hosts: [c.example], gateways: [edge], http: *http}
                """;
        files.put("list.yaml", list);

        Read read = serve();

        assertThat(faults()).isEqualTo("VirtualService default/aaa left-out 0, VirtualService default/ccc left-out 0");
        assertThat(explain(read, "http://b.example/")).contains("\"two\"");
        assertThat(explain(read, "http://a.example/")).contains("404");
        assertThat(explain(read, "http://c.example/")).contains("404");
    }

    private static final String ADMIN = "{match: [{uri: {prefix: /admin}}], directResponse: {status: 403}}";

    private static String admin(String http) {
        return named(Yaml.virtualService("a.example", http.startsWith("-") ? http : "  " + http), "aaa");
    }

    /// One of two VirtualServices of a host denies `/admin`, and has a fault among its routes.
    ///
    /// @param other what other requests are answered at the first start
    /// @param later whether requests for /admin are closed where the fault comes with it to what was served without
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "- {match: [{uri: {prefix: /admin}}], directResponse: {status: 403}, timeout: soon} | app | true",
                "- {match: [{uri: {prefix: /admin}}], directResponse: {status: 403}, tiemout: 1s}   | app | true",
                "- {match: [{uri: {prefix: /admin}}], directResponse: 403}                          | app | true",
                "- {match: [{uri: {prefix: /admin}}], directResponse: {status: 403}}\\n- 7         | 404 | true",
                "- {match: [{uri: {prefx: /admin}}], directResponse: {status: 403}}                 | 404 | false",
                "- {match: [{uri: {prefix: [/admin]}}], directResponse: {status: 403}}              | 404 | false",
                "- {match: {uri: {prefix: /admin}}, directResponse: {status: 403}}                  | 404 | false",
                "- {mach: [{uri: {prefix: /admin}}], directResponse: {status: 403}}                 | 404 | false",
                "7                                                                                  | 404 | false",
                "- [{match: [{uri: {prefix: /admin}}], directResponse: {status: 403}}]              | 404 | false",
            })
    void aFaultInARouteOpensNoneToAnotherVirtualServiceOfTheHost(String http, String other, boolean later) {
        String text = admin(http.replace("\\n", "\n"));
        files.put("edge.yaml", Yaml.httpGateway("*") + route("z.example", "z"));
        files.put("b.yaml", named(route("a.example", "app"), "bbb"));
        files.put("a.yaml", text);

        Read first = serve();

        assertThat(faults()).isEqualTo("VirtualService default/aaa left-out 0");
        assertThat(explain(first, "http://a.example/admin")).contains("404").doesNotContain("\"app\"");
        assertThat(explain(first, "http://a.example/")).contains(other);
        assertThat(explain(first, "http://z.example/")).contains("\"z\"");

        assertThat(explain(serve("x.yaml", route("x.example", "x")), "http://a.example/admin"))
                .as("an edit elsewhere")
                .contains("404");

        files.remove("a.yaml");
        assertThat(explain(serve(), "http://a.example/admin")).contains("\"app\"");
        Read again = serve("a.yaml", text);
        assertThat(explain(again, "http://a.example/")).contains("\"app\"");
        assertThat(explain(again, "http://a.example/admin")).contains(later ? "404" : "\"app\"");
    }

    @Test
    void norWhereTheListHasAnotherName() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("b.yaml", named(route("a.example", "app"), "bbb"));
        files.put("a.yaml", admin("- " + ADMIN).replace("http:", "htp:"));

        assertThat(explain(serve(), "http://a.example/admin")).contains("404");
    }

    /// What comes before it is not its own.
    @Test
    void whatTheOtherVirtualServiceHasBeforeItIsAnswered() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("a.yaml", admin("- {name: app, match: [{uri: {prefix: /app}}], directResponse: {status: 200}}"));
        files.put("b.yaml", admin("7").replace("name: aaa", "name: bbb"));

        Read read = serve();

        assertThat(faults()).isEqualTo("VirtualService default/bbb left-out 0");
        assertThat(explain(read, "http://a.example/app")).contains("\"app\"");
    }

    private static String bytes(String name, String hosts, String routes) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: [%s]
                  gateways: [edge]
                  %s
                ---
                """.formatted(name, hosts, routes);
    }

    private static final String UP = "route: [{destination: {host: up.internal, port: {number: 80}}";

    /// @param answer what the listener's routes are, in their order
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp: [{match: [{port: 9000}], " + UP + ", weight: x}]}] | aaa,bbb",
                "tcp: [{match: [{port: 9001}], " + UP + ", weight: x}]}] | bbb",
                "tcp: [{match: [{port: x}], " + UP + "}]}]               | aaa,bbb",
                "tcp: 7                                                  | aaa,bbb",
                "tpc: [{" + UP + "}]}]                                   | aaa,bbb",
            })
    void norDoBytes(String routes, String answer) {
        files.put(
                "edge.yaml",
                Yaml.gateway("port: {number: 9000, name: tcp, protocol: TCP}, hosts: [\"*\"]")
                        + Yaml.service("up.internal", "TCP", 9));
        files.put("a.yaml", bytes("aaa", "\"*\"", routes));
        files.put("b.yaml", bytes("bbb", "\"*\"", "tcp: [{" + UP + "}]}]"));

        Read read = serve();

        assertThat(faults()).isEqualTo("VirtualService default/aaa left-out 0");
        assertThat(explain(read, "http://x.example:9000/")).contains(answer.startsWith("aaa") ? "503" : "up.internal");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tls: [{match: [{sniHosts: [a.example]}], " + UP + ", weight: x}]}] | 503         | up.internal",
                "tls: [{match: [{sniHosts: 7}], " + UP + "}]}]                      | 503         | 503",
            })
    void norDoBytesOfTls(String routes, String a, String b) {
        files.put(
                "edge.yaml",
                Yaml.gateway("port: {number: 443, name: tls, protocol: TLS}, hosts: [\"*\"], tls: {mode: PASSTHROUGH}")
                        + Yaml.service("up.internal", "TLS", 9));
        files.put("a.yaml", bytes("aaa", "\"*.example\"", routes));
        String other = bytes("bbb", "\"*.example\"", "tls: [{match: [{sniHosts: [\"*.example\"]}], " + UP + "}]}]");
        files.put("b.yaml", other);

        Read read = serve();

        assertThat(faults()).isEqualTo("VirtualService default/aaa left-out 0");
        assertThat(explain(read, "https://a.example/")).contains(a);
        assertThat(explain(read, "https://b.example/")).contains(b);

        files.remove("a.yaml");
        assertThat(explain(serve(), "https://b.example/")).contains("up.internal");
        assertThat(explain(serve("a.yaml", bytes("aaa", "\"*.example\"", routes)), "https://b.example/"))
                .as("as before the fault came")
                .contains("up.internal");
    }

    private static String secure(String spec) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: secure}
                spec%s
                ---
                """.formatted(spec);
    }

    /// A Gateway of which nobody can say what it is for may ask for client certificates.
    @ParameterizedTest
    @ValueSource(
            strings = {
                ": 7",
                ": []",
                "",
                ":\n  servers: 7",
                ":\n  servres: []",
                ":\n  servers: [7]",
                ":\n  servers: [{port: {number: 443, name: h, protocol: HTTPS}, hosts: 7, tls: {mode: MUTUAL, credentialName: c}}]",
                ":\n  servers: [{port: {number: x, name: h, protocol: HTTPS}, hosts: [a.example], tls: {mode: MUTUAL, credentialName: c}}]",
                ":\n  servers: [{prot: {number: 443, name: h, protocol: HTTPS}, hosts: [a.example], tls: {mode: MUTUAL, credentialName: c}}]",
                ":\n  servers: [{port: {number: 443, name: h, protocol: HTTPS}, hosts: [a.example], tls: 7}]",
                ":\n  servers: [{port: {number: 443, name: h, protocol: HTTPS}, hosts: [a.example], tsl: {mode: MUTUAL, credentialName: c}}]",
                ":\n  servers: [{port: {number: 443, name: h, protocol: HTTPS}, hosts: [a.example], tls: {mod: MUTUAL, credentialName: c}}]",
                ": [",
            })
    void noWiderGatewayServesWhatOneMayAskACertificateFor(String spec) {
        String wide = tls("edge", "*.example", "SIMPLE") + tls("own", "own.example", "SIMPLE");
        files.put("edge.yaml", wide + named(Yaml.httpGateway("*"), "plain"));
        files.put("a.yaml", any("*").replace("[edge]", "[edge, own, plain]"));
        files.put("secure.yaml", secure(spec));

        Read read = serve();

        assertThat(explain(read, "https://a.example/")).contains("403").contains("left out");
        assertThat(explain(read, "https://own.example/")).contains("\"any\"");
        assertThat(explain(read, "http://a.example/")).contains("\"any\"");
        assertThat(explain(serve("x.yaml", named(Yaml.httpGateway("x.example"), "x")), "https://a.example/"))
                .as("an edit elsewhere")
                .contains("403");

        files.remove("secure.yaml");
        assertThat(explain(serve(), "https://a.example/")).contains("\"any\"");
    }

    /// What was served without it is served on, but for the hosts that can be read.
    @Test
    void aGatewayThatComesLaterAndCannotBeReadChangesNothing() {
        files.put("edge.yaml", tls("edge", "*.example", "SIMPLE"));
        files.put("a.yaml", any("*"));
        serve();

        assertThat(explain(serve("secure.yaml", secure(": 7")), "https://a.example/"))
                .contains("\"any\"");
    }

    @Test
    void aGatewayThatCannotBeReadAnyMoreIsHeldAcrossARestart(@TempDir Path state) {
        source = source.keepingIn(state, LoadOptions.DEFAULT);
        files.put("edge.yaml", tls("edge", "*.example", "SIMPLE"));
        files.put("a.yaml", any("*").replace("[edge]", "[edge, secure]"));
        files.put("secure.yaml", tls("secure", "a.example", "MUTUAL"));
        serve();
        source = source.keepingIn(state, LoadOptions.DEFAULT);

        Read read = serve("secure.yaml", secure(": 7"));

        assertThat(faults()).isEqualTo("Gateway default/secure held 1");
        assertThat(explain(read, "https://a.example/")).contains("default/secure");
        assertThat(explain(read, "https://b.example/")).contains("default/edge");
    }

    /// At the first start nobody has served without it: of two Gateways that name one host the earlier has it.
    @ParameterizedTest
    @CsvSource({
        "aaa, *,          https://a.example/,    403",
        "zzz, *,          https://a.example/,    any",
        "aaa, *.example,  https://a.example/,    403",
        "aaa, *.example,  https://other.test/,   any",
        "aaa, *,          https://own.example/,  any",
        "aaa, own.example, https://own.example/, 403",
        "zzz, own.example, https://own.example/, any",
    })
    void theEarlierOfTwoGatewaysHasAHost(String name, String host, String url, String answer) {
        files.put("edge.yaml", tls("edge", "*", "SIMPLE") + tls("own", "own.example", "SIMPLE"));
        files.put("tls.yaml", tls(name, host, "MUTUAL").replace("spec:", "spek: {}\nspec:"));
        files.put("a.yaml", any("*").replace("[edge]", "[edge, own]"));

        assertThat(explain(serve(), url)).contains(answer);
    }

    private static String through(String name, String host) {
        return named(
                Yaml.gateway("port: {number: 443, name: tls, protocol: TLS}, hosts: [\"" + host
                        + "\"], tls: {mode: PASSTHROUGH}"),
                name);
    }

    /// A Gateway has requests and bytes at one port; one is left out that asks for certificates.
    @ParameterizedTest
    @CsvSource({
        "p.example, a.example,  https://p.example/, up.internal",
        "p.example, a.example,  https://a.example/, 403",
        "p.example, a.example,  https://b.example/, any",
        "*.example, a.example,  https://a.example/, policy",
        "*.example, a.example,  https://b.example/, up.internal",
        "*.example, a.example,  https://b.test/,    any",
        "*.example, *.test,     https://b.example/, up.internal",
        "*.example, *.test,     https://b.test/,    403",
        "p.example, *.example,  https://p.example/, up.internal",
        "p.example, *.example,  https://b.example/, 403",
    })
    void bytesBesideADenialGoWhereTheyWent(String passing, String lost, String url, String answer) {
        String both = tls("edge", "*", "SIMPLE")
                .replace(
                        "servers: [",
                        "servers: [{port: {number: 443, name: tls," + " protocol: TLS}, hosts: [\"" + passing
                                + "\"], tls: {mode: PASSTHROUGH}}, ");
        files.put("edge.yaml", both + Yaml.service("up.internal", "TLS", 9) + any("*"));
        String route = "tls: [{match: [{sniHosts: [\"" + passing + "\"]}], " + UP + "}]}]";
        files.put("b.yaml", bytes("bytes", "\"" + passing + "\"", route));
        files.put("tls.yaml", tls("secure", lost, "MUTUAL").replace("spec:", "spek: {}\nspec:"));

        Read read = serve();

        assertThat(faults()).isEqualTo("Gateway default/secure left-out 0");
        assertThat(explain(read, url)).contains(answer);
    }

    /// The bytes of a Gateway of its own.
    @Test
    void bytesOfAnotherGatewayDoNotGoThroughEither() {
        files.put("edge.yaml", through("edge", "*.example") + Yaml.service("up.internal", "TLS", 9));
        files.put(
                "b.yaml",
                bytes("bytes", "\"*.example\"", "tls: [{match: [{sniHosts: [\"*.example\"]}], " + UP + "}]}]"));
        files.put("tls.yaml", tls("secure", "a.example", "MUTUAL").replace("spec:", "spek: {}\nspec:"));

        Read read = serve();

        assertThat(explain(read, "https://a.example/"))
                .doesNotContain("up.internal")
                .contains("secure (left out)");
        assertThat(explain(read, "https://b.example/")).contains("up.internal");
    }

    private static String entry(String name, String spec) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: %s}
                spec%s
                ---
                """.formatted(name, spec);
    }

    private static String listed(String name, String host) {
        return entry(name, """
                :
                  hosts: ["%s"]
                  resolution: %s
                  ports: [{number: 80, name: http, protocol: HTTP}]""".formatted(host, host.startsWith("*") ? "NONE" : "DNS"));
    }

    /// Nobody knows what a ServiceEntry would have narrowed that cannot be read.
    @ParameterizedTest
    @ValueSource(
            strings = {
                ": 7",
                "",
                ":\n  hosts: 7\n  resolution: DNS\n  ports: [{number: 8443, name: http, protocol: HTTP}]",
                ":\n  hosts: [api.example.com, 7]\n  resolution: DNS\n  ports: [{number: 8443, name: http, protocol: HTTP}]",
                ":\n  hsots: [api.example.com]\n  resolution: DNS\n  ports: [{number: 8443, name: http, protocol: HTTP}]",
                ":\n  hosts: ['api example']\n  resolution: DNS\n  ports: [{number: 8443, name: http, protocol: HTTP}]",
                ": [",
            })
    void anEntryThatCannotBeReadListsNothingAndOpensNoWildcard(String spec) {
        source = source(new EgressOptions(15001, null, EgressMode.REGISTRY_ONLY, List.of()));
        files.put("edge.yaml", listed("wide", "*.example.com") + listed("own", "own.example.com"));
        files.put("broken.yaml", entry("broken", spec));

        Read read = serve();

        assertThat(explain(read, "http://api.example.com/", "mesh")).contains("\"NC\"");
        assertThat(explain(read, "http://own.example.com/", "mesh")).contains("outbound|80||own.example.com");
        assertThat(explain(read, "http://other.test/", "mesh")).contains("403");
        assertThat(explain(serve("x.yaml", listed("x", "x.test")), "http://api.example.com/", "mesh"))
                .as("an edit elsewhere")
                .contains("\"NC\"");

        files.remove("broken.yaml");
        assertThat(explain(serve(), "http://api.example.com/", "mesh")).doesNotContain("\"NC\"");
        assertThat(explain(serve("broken.yaml", entry("broken", spec)), "http://b.example.com/", "mesh"))
                .as("what was served without it")
                .doesNotContain("\"NC\"");
    }

    @Test
    void aRouteDoesNotPassByItEither() {
        files.put("edge.yaml", Yaml.httpGateway("*") + listed("wide", "*.example.com"));
        files.put("a.yaml", Yaml.forwardAll("a.example", "api.example.com"));
        files.put("broken.yaml", entry("broken", ": 7"));

        assertThat(serve().plan().clusters()).isEmpty();
        files.remove("broken.yaml");
        assertThat(serve().plan().clusters()).hasSize(1);
    }
}
