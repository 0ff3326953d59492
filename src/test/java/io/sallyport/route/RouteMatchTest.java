package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sallyport.net.TestRequest;
import io.sallyport.route.StringMatcher.Exact;
import io.sallyport.route.StringMatcher.Prefix;
import io.sallyport.route.StringMatcher.Present;
import io.sallyport.route.StringMatcher.Regex;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RouteMatchTest {
    private static final TestRequest GET = TestRequest.get("/v2/x?a=1&b&a=2&c=%31");
    private static final StringMatcher JASON = new Exact("jason");

    private static RouteMatch.Builder match() {
        return RouteMatch.builder();
    }

    /// A match, a request, and the reason against it: null where it holds.
    static Stream<Arguments> cases() {
        TestRequest jason = GET.withHeader("x-user", "jason");
        TestRequest caller = GET.withSource("prod", Map.of("app", "web", "v", "1"));
        return Stream.of(
                arguments(match(), GET, null),
                arguments(match().uri(new Prefix("/v2")), GET, null),
                arguments(match().uri(new Prefix("/v1")), GET, "uri prefix /v1 does not match /v2/x"),
                arguments(match().uri(new Exact("/v2/x")), GET, null),
                arguments(match().uri(new Regex("/v[0-9]/.*")), GET, null),
                arguments(match().uri(new Regex("/v[0-9]")), GET, "uri regex /v[0-9] does not match /v2/x"),
                arguments(match().uri(new Exact("/v2/x?a=1")), GET, "uri exact /v2/x?a=1 does not match /v2/x"),
                arguments(match().method(new Exact("GET")), GET, null),
                arguments(
                        match().method(new Exact("GET")),
                        GET.withMethod("POST"),
                        "method exact GET does not match POST"),
                arguments(match().scheme(new Exact("https")), GET, "scheme exact https does not match http"),
                arguments(match().authority(new Exact("foo.com:8080")), GET.withHost("foo.com:8080"), null),
                arguments(
                        match().authority(new Exact("foo.com")),
                        GET.withHost("foo.com:8080"),
                        "authority exact foo.com does not match foo.com:8080"),
                arguments(match().port(80), GET, null),
                arguments(match().port(443), GET, "port 443 does not match 80"),
                arguments(match().header("X-User", JASON), jason, null),
                arguments(match().header("x-user", JASON), GET, "header x-user: exact \"jason\" does not match absent"),
                arguments(
                        match().header("x-user", JASON),
                        GET.withHeader("x-user", "jason,jason"),
                        "header x-user: exact \"jason\" does not match \"jason,jason\""),
                arguments(match().header("x-user", new Present()), jason, null),
                arguments(match().header("x-user", new Present()), GET.withHeader("x-user", ""), null),
                arguments(
                        match().header("x-user", new Present()), GET, "header x-user: presence does not match absent"),
                arguments(
                        match().header("x-user", new Regex(".*")),
                        GET,
                        "header x-user: regex \".*\" does not match absent"),
                arguments(match().withoutHeader("x-user", JASON), GET, null),
                arguments(match().withoutHeader("x-user", new Present()), GET, null),
                arguments(
                        match().withoutHeader("x-user", new Present()),
                        jason,
                        "withoutHeaders x-user: presence matches \"jason\""),
                arguments(
                        match().withoutHeader("x-user", JASON),
                        jason,
                        "withoutHeaders x-user: exact \"jason\" matches \"jason\""),
                arguments(
                        match().withoutHeader("x-user", new Regex(".*")),
                        GET,
                        "withoutHeaders x-user: regex \".*\" matches absent"),
                arguments(match().queryParam("a", new Exact("1")), GET, null),
                arguments(
                        match().queryParam("a", new Exact("2")),
                        GET,
                        "query parameter a: exact \"2\" does not match \"1\""),
                arguments(match().queryParam("b", new Exact("")), GET, null),
                arguments(match().queryParam("b", new Present()), GET, null),
                arguments(match().queryParam("c", new Exact("%31")), GET, null),
                arguments(
                        match().queryParam("c", new Exact("1")),
                        GET,
                        "query parameter c: exact \"1\" does not match \"%31\""),
                arguments(
                        match().queryParam("d", new Present()),
                        GET,
                        "query parameter d: presence does not match absent"),
                arguments(
                        match().queryParam("a", new Present()),
                        TestRequest.get("/"),
                        "query parameter a: presence does not match absent"),
                arguments(match().queryParam("a", new Present()), TestRequest.get("/?aa=1&ba=1&xa&a"), null),
                arguments(match().queryParam("a", new Exact("b=c")), TestRequest.get("/?a=b=c"), null),
                arguments(match().queryParam("a", new Exact("")), TestRequest.get("/?&&a"), null),
                arguments(match().sourceLabels(Map.of("app", "web")), caller, null),
                arguments(
                        match().sourceLabels(Map.of("app", "api")), caller, "sourceLabels app=api does not match web"),
                arguments(
                        match().sourceLabels(Map.of("app", "api")), GET, "sourceLabels app=api does not match absent"),
                arguments(match().sourceNamespace("prod"), caller, null),
                arguments(match().sourceNamespace("dev"), caller, "sourceNamespace dev does not match prod"),
                arguments(match().sourceNamespace("dev"), GET, "sourceNamespace dev does not match absent"),
                arguments(
                        match().uri(new Prefix("/v2")).method(new Exact("GET")).header("x-user", JASON), jason, null),
                arguments(
                        match().uri(new Prefix("/v2")).method(new Exact("GET")).header("x-user", JASON),
                        jason.withMethod("PUT"),
                        "method exact GET does not match PUT"));
    }

    @ParameterizedTest(name = "[{index}] {2}")
    @MethodSource("cases")
    void everyConditionMustHoldAndTheFirstThatDoesNotIsNamed(
            RouteMatch.Builder builder, TestRequest request, String mismatch) {
        RouteMatch match = builder.build();

        assertThat(match.matches(request)).isEqualTo(mismatch == null);
        assertThat(match.mismatch(request)).isEqualTo(mismatch);
    }

    @Test
    void matchAndReasonAgreeOnRandomRequests() {
        RandomRoutes random = new RandomRoutes(new Random(20260101));
        for (int i = 0; i < 100_000; i++) {
            RouteMatch match = random.match(0);
            TestRequest request = random.request();
            assertThat(match.mismatch(request) == null)
                    .as("%s on %s", match, request)
                    .isEqualTo(match.matches(request));
        }
    }

    @Test
    void aReasonDoesNotRepeatAMegabyteThatTheClientSent() {
        RouteMatch match = match().header("x", JASON).build();

        assertThat(match.mismatch(GET.withHeader("x", "j".repeat(1 << 20)))).hasSizeLessThan(400);
    }
}
