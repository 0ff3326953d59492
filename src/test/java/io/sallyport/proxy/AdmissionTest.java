package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.PolicyRequest;
import io.sallyport.route.WeightedCluster;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Checks that take time, before the policies and before the endpoints'.
class AdmissionTest {
    /// A check that answers when the test says so.
    private static final class Question implements Admission.Check {
        private Admission admission;
        private boolean cancelled;

        @Override
        public void begin(Admission asking) {
            admission = asking;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    /// What answers at once.
    private interface Immediate extends Admission.Check {
        @Override
        default void cancel() {}
    }

    private final Question first = new Question();
    private final Question second = new Question();
    private final List<Admission.Check> onArrival = new ArrayList<>(List.of(first));
    private final List<Admission.Check> beforeEndpoints = new ArrayList<>();
    private ProxyFixture proxy = proxy(ProxyFixture.TO_SHOP);

    private ProxyFixture proxy(String routes) {
        return new ProxyFixture(routes, new Admission.Checks() {
            @Override
            public List<Admission.Check> onArrival(
                    ClientExchange request, RoutingContext routing, List<AppliedPolicies> policies) {
                return onArrival;
            }

            @Override
            public List<Admission.Check> beforeEndpoints(
                    ClientExchange request, RoutingContext routing, WeightedCluster destination, PolicyRequest sent) {
                return beforeEndpoints;
            }
        });
    }

    private void route(String routes) {
        proxy.close();
        proxy = proxy(routes);
    }

    @AfterEach
    void close() {
        proxy.close();
        assertThat(HeldMemory.CHECKS.held()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
    void aRequestWaitsForTheAnswerAndGoesOn(HttpVersion version) {
        proxy.begin(version, "GET", "/", true);
        assertThat(proxy.endpoint.sent).isEmpty();
        first.admission.pass();

        assertThat(proxy.sent().path).isEqualTo("/");
        proxy.sent().answer(200);
        assertThat(proxy.ended().status).isEqualTo(200);
        assertThat(first.cancelled).isFalse();
    }

    @Test
    void checksAreAskedOneAfterTheOther() {
        onArrival.add(second);
        proxy.get("/");
        assertThat(second.admission).isNull();
        first.admission.pass();
        assertThat(second.admission).isNotNull();
        assertThat(proxy.endpoint.sent).isEmpty();
        second.admission.pass();

        assertThat(proxy.sent().path).isEqualTo("/");
    }

    @Test
    void theEndpointsChecksComeBehindTheRoute() {
        beforeEndpoints.add(second);
        proxy.begin("POST", "/", false);
        proxy.data("one ", false);
        first.admission.pass();
        proxy.data("two ", false);
        assertThat(proxy.endpoint.sent).isEmpty();
        second.admission.pass();
        proxy.data("three", true);

        assertThat(proxy.sent().body()).isEqualTo("one two three");
        assertThat(proxy.sent().ended).isTrue();
    }

    @Test
    void aCheckThatPassesAtOnceHoldsNothing() {
        onArrival.set(0, (Immediate) Admission::pass);
        beforeEndpoints.add((Immediate) Admission::pass);
        proxy.begin("POST", "/", false);

        assertThat(proxy.sent().ended).isFalse();
        assertThat(proxy.client.reading).isTrue();
        proxy.data("body", true);
        assertThat(proxy.sent().body()).isEqualTo("body");
    }

    @Test
    void whatFollowsALateAnswerAtOnceIsAskedToo() {
        onArrival.add((Immediate) Admission::pass);
        beforeEndpoints.add((Immediate) Admission::pass);
        proxy.begin("POST", "/", false);
        proxy.data("body", true);
        first.admission.pass();

        assertThat(proxy.sent().body()).isEqualTo("body");
        assertThat(proxy.sent().ended).isTrue();
    }

    @Test
    void theClientIsNotReadMeanwhileAndItsBodyFollows() {
        proxy.begin("POST", "/", false);
        assertThat(proxy.client.reading).isFalse();
        proxy.data("one ", false);
        proxy.data("two", true);
        first.admission.pass();

        assertThat(proxy.client.reading).isTrue();
        assertThat(proxy.sent().body()).isEqualTo("one two");
        assertThat(proxy.sent().ended).isTrue();
        proxy.sent().answer(200);
        assertThat(proxy.ended().bytesReceived).isEqualTo(7);
    }

    @Test
    void anEndWithoutDataAndTrailersFollowToo() {
        proxy.begin("POST", "/", false);
        proxy.data("", true);
        first.admission.pass();
        assertThat(proxy.sent().ended).isTrue();

        proxy.begin("POST", "/", false);
        proxy.data("body", false);
        proxy.trailers("x-sum", "1");
        first.admission.pass();
        assertThat(proxy.last().body()).isEqualTo("body");
        assertThat(proxy.last().trailer("x-sum")).isEqualTo("1");
    }

    @Test
    void theRoutesTimeBeginsBehindTheCheck() {
        route(ProxyFixture.TO_SHOP + "  timeout: 1s\n");
        proxy.begin("POST", "/", false);
        proxy.data("body", true);
        proxy.pass(Duration.ofSeconds(30));
        first.admission.pass();
        assertThat(proxy.sent().body()).isEqualTo("body");
        proxy.pass(Duration.ofSeconds(1));

        assertThat(proxy.client.status()).isEqualTo(504);
    }

    @Test
    void aRefusalIsAnsweredLateOrAtOnce() {
        proxy.begin("POST", "/", false);
        proxy.data("body", false);
        first.admission.refuse(ProxyException.gateway(ResponseFlag.UAEX, "ext_authz_denied"));
        assertThat(proxy.client.status()).isEqualTo(403);
        assertThat(proxy.ended().details).isEqualTo("ext_authz_denied");
        proxy.data("rest", true);

        onArrival.set(0, (Immediate) _ -> {
            throw ProxyException.gateway(ResponseFlag.UAEX, "ext_authz_error");
        });
        proxy.get("/");
        assertThat(proxy.client.status()).isEqualTo(403);
        assertThat(proxy.endpoint.sent).isEmpty();
    }

    @Test
    void anAnswerOfItsOwnReachesTheClient() {
        proxy.get("/");
        first.admission.answer(
                new ResponseHead(401, ProxyFixture.headers("www-authenticate", "Bearer")),
                "Jwt is missing".getBytes(StandardCharsets.UTF_8),
                "jwt_authn_access_denied");

        assertThat(proxy.client.status()).isEqualTo(401);
        assertThat(proxy.client.header("www-authenticate")).isEqualTo("Bearer");
        assertThat(proxy.client.body()).isEqualTo("Jwt is missing");
    }

    @Test
    void whatFailsBehindALateAnswerIsAnsweredAsUsual() {
        route("- match: [{uri: {exact: /known}}]\n  route: [{destination: {host: shop.internal}}]\n");
        proxy.get("/unknown");
        first.admission.pass();
        assertThat(proxy.client.status()).isEqualTo(404);
        assertThat(proxy.ended().flags()).isEqualTo("NR");

        onArrival.add((Immediate) _ -> {
            throw new IllegalStateException("a defect of this check");
        });
        proxy.get("/known");
        first.admission.pass();
        assertThat(proxy.client.status()).isEqualTo(500);
        assertThat(proxy.endpoint.sent).isEmpty();
    }

    @Test
    void aRedirectBehindTheCheckIsAnsweredAndTheBodyDropped() {
        route("- redirect: {uri: /there}\n");
        proxy.begin("POST", "/", false);
        proxy.data("body", true);
        first.admission.pass();

        assertThat(proxy.client.status()).isEqualTo(301);
        assertThat(proxy.ended().bytesReceived).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP_1_1, CONNECTION_CLOSED, 0, DC",
        "HTTP_1_1, TIMEOUT, 408, DC",
        "HTTP_1_1, PROTOCOL_ERROR, 400, DPE",
        "HTTP_2, CANCEL, 0, DC",
        "HTTP_2, TIMEOUT, 408, DC"
    })
    void aRequestThatEndsMeanwhileCancelsTheCheckAndGoesNowhere(
            HttpVersion version, StreamError error, int status, String flags) {
        proxy.begin(version, "POST", "/", false);
        proxy.data("half", false);
        proxy.cut(error, "client_end");
        assertThat(first.cancelled).isTrue();
        first.admission.pass();
        first.admission.refuse(ProxyException.gateway(ResponseFlag.UAEX, "ext_authz_denied"));

        assertThat(proxy.endpoint.sent).isEmpty();
        assertThat(proxy.ended().status).isEqualTo(status);
        assertThat(proxy.ended().flags()).isEqualTo(flags);
    }

    // Checks that judge the body.

    /// Asks for the body, and answers when the test says so.
    private final class BodyQuestion implements Admission.Check, Admission.BodyReader {
        private final int most;
        private Admission admission;
        private String body;
        private boolean whole;

        BodyQuestion(int most) {
            this.most = most;
            onArrival.set(0, this);
        }

        @Override
        public void begin(Admission asking) {
            admission = asking;
            asking.readBody(most, this);
        }

        @Override
        public void onBody(ByteBuf read, boolean all) {
            assertThat(body).isNull();
            body = read.toString(StandardCharsets.UTF_8);
            read.release();
            whole = all;
        }

        @Override
        public void cancel() {}
    }

    @Test
    void aCheckSeesTheWholeBodyWhichIsSentOnAfterIt() {
        BodyQuestion check = new BodyQuestion(8);
        proxy.begin("POST", "/", false);
        assertThat(proxy.client.reading).isTrue();
        proxy.data("four", false);
        assertThat(check.body).isNull();
        proxy.data("more", true);

        assertThat(check.body).isEqualTo("fourmore");
        assertThat(check.whole).isTrue();
        assertThat(proxy.endpoint.sent).isEmpty();
        check.admission.pass();
        assertThat(proxy.sent().body()).isEqualTo("fourmore");
        assertThat(proxy.sent().ended).isTrue();
    }

    @Test
    void ofALongBodyACheckSeesTheBeginning() {
        BodyQuestion check = new BodyQuestion(6);
        proxy.begin("POST", "/", false);
        proxy.data("four", false);
        proxy.data("more", false);

        assertThat(check.body).isEqualTo("fourmo");
        assertThat(check.whole).isFalse();
        assertThat(proxy.client.reading).isFalse();
        proxy.data(" was on its way", false);
        check.admission.pass();
        proxy.data(".", true);
        assertThat(proxy.sent().body()).isEqualTo("fourmore was on its way.");
    }

    @Test
    void trailersEndABodyToo() {
        BodyQuestion check = new BodyQuestion(6);
        proxy.begin("POST", "/", false);
        proxy.data("four", false);
        proxy.trailers("x-sum", "1");
        assertThat(check.body).isEqualTo("four");
        assertThat(check.whole).isTrue();
        check.admission.pass();

        assertThat(proxy.sent().trailer("x-sum")).isEqualTo("1");
    }

    @Test
    void aRequestWithoutABodyHasAnEmptyOne() {
        BodyQuestion check = new BodyQuestion(6);
        proxy.get("/");

        assertThat(check.body).isEmpty();
        assertThat(check.whole).isTrue();
    }

    @Test
    void aClientThatExpectsIsToldToContinueForTheCheck() {
        BodyQuestion check = new BodyQuestion(6);
        proxy.begin("POST", "/", false, "expect", "100-continue");
        assertThat(proxy.client.informational).containsExactly(100);
        proxy.data("four", true);
        check.admission.pass();

        assertThat(proxy.client.informational).containsExactly(100);
        assertThat(proxy.sent().body()).isEqualTo("four");
    }

    /// Parts of a body hold the buffer that they were read into, which is larger than they are.
    @Test
    void aBodyInManyPartsIsHeldInOnePiece() {
        BodyQuestion check = new BodyQuestion(100_000);
        proxy.begin("POST", "/", false);
        for (int i = 0; i < 5_000; i++) {
            proxy.data("x", false);
        }
        proxy.data("", true);
        check.admission.pass();

        assertThat(check.body).hasSize(5_000);
        assertThat(proxy.sent().body()).hasSize(5_000);
        assertThat(proxy.sent().writes).isEqualTo(1);
    }
}
