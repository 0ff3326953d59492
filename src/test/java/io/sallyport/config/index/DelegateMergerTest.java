package io.sallyport.config.index;

import static io.sallyport.config.testing.ConfigurationText.document;
import static io.sallyport.config.testing.ConfigurationText.load;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.StringMatch;
import io.sallyport.config.model.StringMatch.Exact;
import io.sallyport.config.model.StringMatch.Prefix;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DelegateMergerTest {
    private static final String TO = "route: [{destination: {host: x}}]";

    @Test
    void theRoutesOfADelegateStandInTheRootsPlace() {
        List<EffectiveHttpRoute> routes = merge(
                "{match: [{uri: {exact: /first}}], " + TO + "}, "
                        + "{name: root, match: [{uri: {prefix: /shop}}], timeout: 3s, delegate: {name: shop, namespace: d}},"
                        + "{name: last, " + TO + "}",
                "{name: cart, match: [{uri: {exact: /shop/cart}, method: {exact: GET}}], " + TO + "}, "
                        + "{timeout: 1s, " + TO + "}");

        assertThat(routes)
                .extracting(route -> route.declaredIn().meta().name() + route.index() + "<" + route.rootIndex())
                .containsExactly("root0<0", "shop0<1", "shop1<1", "root2<2");
        assertThat(routes).extracting(route -> route.route().name()).containsExactly("", "root-cart", "root", "last");
        assertThat(routes)
                .extracting(route -> route.route().timeout())
                .containsExactly(null, Duration.ofSeconds(3), Duration.ofSeconds(1), null);
        assertThat(routes.get(1).route().match().getFirst().uri()).isEqualTo(new Exact("/shop/cart"));
        assertThat(routes.get(1).route().match().getFirst().method()).isEqualTo(new Exact("GET"));
        assertThat(routes.get(2).route().match().getFirst().uri()).isEqualTo(new Prefix("/shop"));
        assertThat(routes)
                .allSatisfy(route -> assertThat(route.route().delegate()).isNull());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{uri: {prefix: /a}}                    | {uri: {prefix: /a/b}}                      | /a/b",
                "{uri: {prefix: /a}}                    | {uri: {exact: /a/b}}                       | /a/b",
                "{uri: {prefix: /a}}                    | {method: {exact: GET}}                     | /a",
                "{method: {exact: GET}}                 | {uri: {prefix: /a}}                        | /a",
                "{uri: {exact: /a}}                     | {uri: {exact: /a}}                         | /a",
                "{uri: {prefix: /a}, port: 80}          | {uri: {prefix: /a}}                        | /a",
                "{headers: {x: {}}, uri: {prefix: /a}}  | {headers: {x: {exact: '1'}}}               | /a",
                "{withoutHeaders: {x: {exact: '1'}}}    | {uri: {prefix: /a}}                        | /a",
                "{uri: {prefix: /a}}                    | {uri: {prefix: /b}}                        | -",
                "{uri: {prefix: /a/b}}                  | {uri: {prefix: /a}}                        | -",
                "{uri: {exact: /a}}                     | {uri: {prefix: /a}}                        | -",
                "{uri: {exact: /a}}                     | {uri: {exact: /b}}                         | -",
                "{uri: {prefix: /a}}                    | {uri: {regex: '/a.*'}}                     | -",
                "{uri: {regex: '/a.*'}}                 | {uri: {exact: /a}}                         | -",
                "{uri: {prefix: /a}}                    | {uri: {prefix: /a}, ignoreUriCase: true}   | -",
                "{port: 80}                             | {uri: {prefix: /a}, port: 81}              | -",
                "{headers: {x: {exact: '1'}}}           | {uri: {prefix: /a}, headers: {x: {}}}      | -",
                "{withoutHeaders: {x: {prefix: a}}}     | {uri: {prefix: /a}, withoutHeaders: {x: {exact: ab}}} | -",
                "{uri: {prefix: /a}, gateways: [in]}    | {uri: {prefix: /a/b}}                      | /a/b",
                "{uri: {prefix: /a}}                    | {uri: {prefix: /a/b}, gateways: [in]}      | /a/b",
                "{uri: {prefix: /a}, gateways: [in, x]} | {uri: {prefix: /a/b}, gateways: [default/in]} | /a/b",
                "{uri: {prefix: /a}, gateways: [d/in]}  | {uri: {prefix: /a/b}, gateways: [in]}      | /a/b",
                "{uri: {prefix: /a}, gateways: [in]}    | {uri: {prefix: /a/b}, gateways: [in]}      | -",
                "{uri: {prefix: /a}, gateways: [in]}    | {uri: {prefix: /a/b}, gateways: [default/out]} | -",
                "{uri: {prefix: /a}, gateways: [in]}    | {uri: {prefix: /a/b}, gateways: [default/in, default/out]} | -",
                "{uri: {prefix: /a}, gateways: [in]}    | {uri: {prefix: /a/b}, gateways: [mesh]}    | -",
                "{uri: {prefix: /a}, sourceNamespace: a} | {uri: {prefix: /a/b}}                     | /a/b",
                "{uri: {prefix: /a}, sourceNamespace: a} | {uri: {prefix: /a/b}, sourceNamespace: a} | /a/b",
                "{uri: {prefix: /a}, sourceNamespace: a} | {uri: {prefix: /a/b}, sourceNamespace: b} | -",
                "{uri: {prefix: /a}, sourceLabels: {app: x}} | {uri: {prefix: /a/b}, sourceLabels: {v: y}} | /a/b",
                "{uri: {prefix: /a}, sourceLabels: {app: x}} | {uri: {prefix: /a/b}, sourceLabels: {app: x}} | /a/b",
                "{uri: {prefix: /a}, sourceLabels: {app: x}} | {uri: {prefix: /a/b}, sourceLabels: {app: y}} | -",
            })
    void aDelegatesMatchNarrowsTheRoots(String root, String delegate, String uri) {
        List<EffectiveHttpRoute> routes = merge(
                "{match: [" + root + "], delegate: {name: shop, namespace: d}}",
                "{match: [" + delegate + "], " + TO + "}");

        assertThat(routes)
                .extracting(route -> text(route.route().match().getFirst().uri()))
                .isEqualTo(uri.equals("-") ? List.of() : List.of(uri));
    }

    @Test
    void aMatchKeepsTheGatewaysOfTheNamespaceThatNamesThem() {
        assertThat(merge(
                                "{match: [{gateways: [in, ./x]}], delegate: {name: shop, namespace: d}}",
                                "{match: [{uri: {prefix: /a}}], " + TO + "}")
                        .getFirst()
                        .route()
                        .match()
                        .getFirst()
                        .gateways())
                .containsExactly("default/in", "default/x");
        assertThat(merge("{delegate: {name: shop, namespace: d}}", "{match: [{gateways: [in, mesh]}], " + TO + "}")
                        .getFirst()
                        .route()
                        .match()
                        .getFirst()
                        .gateways())
                .containsExactly("d/in", "mesh");
    }

    @Test
    void eachMatchOfTheRootIsNarrowedByEachOfTheDelegateThatFits() {
        List<EffectiveHttpRoute> routes = merge(
                "{match: [{uri: {prefix: /a}}, {uri: {prefix: /b}}], delegate: {name: shop, namespace: d}}",
                "{match: [{method: {exact: GET}}, {uri: {exact: /b/c}}], " + TO + "}");

        assertThat(routes.getFirst().route().match())
                .extracting(HttpMatchRequest::uri)
                .containsExactly(new Prefix("/a"), new Prefix("/b"), new Exact("/b/c"));
    }

    @Test
    void whatCannotTakeEffectIsLeftOut() {
        assertThat(merge("{delegate: {name: unknown, namespace: d}}, {" + TO + "}", "{" + TO + "}"))
                .hasSize(1);
        assertThat(merge("{delegate: {name: shop, namespace: d}}", "{delegate: {name: shop}}, {" + TO + "}"))
                .hasSize(1);
        assertThat(merge("{delegate: {name: root}}", "{" + TO + "}")).isEmpty();
    }

    private static List<EffectiveHttpRoute> merge(String root, String delegate) {
        var configuration = load(
                        document("VirtualService", "root", "{hosts: [a.example.com], http: [" + root + "]}"),
                        document("VirtualService", "d/shop", "{http: [" + delegate + "]}"))
                .configuration();
        ConfigurationIndex index = new ConfigurationIndex(configuration, InstanceScope.defaults());
        return index.delegates()
                .merge(index.virtualServices().get("default/root"), new MatchLiterals(PathLiterals.AS_WRITTEN));
    }

    private static String text(StringMatch match) {
        return switch (match) {
            case Exact(String value) -> value;
            case Prefix(String value) -> value;
            case StringMatch.Regex(String value) -> value;
            case StringMatch.Present _ -> "";
        };
    }
}
