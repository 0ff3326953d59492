package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.HttpVersion;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.ResponseFlag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the client gets of an endpoint's response.
class ResponsesTest {
    private final ProxyFixture proxy = new ProxyFixture(ProxyFixture.TO_SHOP);

    @AfterEach
    void close() {
        proxy.close();
    }

    @Test
    void headBodyAndTrailersArePassedOn() {
        proxy.get("/");
        proxy.sent().head(200, "x-kind", "whole");
        proxy.sent().data("one ", false);
        proxy.sent().data("two", false);
        proxy.sent().trailers("x-sum", "2");

        assertThat(proxy.client.header("x-kind")).isEqualTo("whole");
        assertThat(proxy.client.body()).isEqualTo("one two");
        assertThat(proxy.client.trailer("x-sum")).isEqualTo("2");
        assertThat(proxy.ended().bytesSent).isEqualTo(7);
        assertThat(proxy.ended().details).isEqualTo("via_upstream");
    }

    @Test
    void theGatewayAddsItsOwnFields() {
        proxy.get("/");
        proxy.sent().answer(200, "server", "tomcat");

        assertThat(proxy.client.header("server")).isEqualTo("sallyport");
        assertThat(proxy.client.header("date")).isEqualTo("Thu, 01 Jan 1970 00:00:01 GMT");
        assertThat(proxy.client.header("x-envoy-upstream-service-time")).matches("\\d+");
    }

    @Test
    void theEndpointIsNotReadWhileTheClientDoesNotKeepUp() {
        proxy.get("/");
        proxy.sent().head(200);
        proxy.client.writable = false;
        proxy.sent().data("more than it takes", false);
        assertThat(proxy.sent().reading).isFalse();
        proxy.catchesUp();

        assertThat(proxy.sent().reading).isTrue();
    }

    @Test
    void aResponseThatIsCutMidwayIsCutForTheClientToo() {
        proxy.get("/");
        proxy.sent().head(200);
        proxy.sent().data("half", false);
        proxy.sent().cut(StreamError.CONNECTION_CLOSED, "http1.closed");

        assertThat(proxy.client.body()).isEqualTo("half");
        assertThat(proxy.client.ended).isFalse();
        assertThat(proxy.client.reset).isEqualTo(StreamError.INTERNAL_ERROR);
        assertThat(proxy.ended().flag).isEqualTo(ResponseFlag.UC);
        assertThat(proxy.ended().status).isEqualTo(200);
    }

    @Test
    void aMalformedRestOfAResponseIsShownAsSuch() {
        proxy.get("/");
        proxy.sent().head(200);
        proxy.sent().cut(StreamError.PROTOCOL_ERROR, "http1.bad_chunk");

        assertThat(proxy.client.reset).isEqualTo(StreamError.PROTOCOL_ERROR);
        assertThat(proxy.ended().flags()).isEqualTo("UPE");
    }

    @Test
    void aRequestIsOverOnceHoweverManyEndsItHas() {
        proxy.get("/");
        proxy.sent().head(200);
        proxy.sent().cut(StreamError.CONNECTION_CLOSED, "http1.closed");
        proxy.goAway();

        assertThat(proxy.facts).hasSize(1);
        assertThat(proxy.ended().flags()).isEqualTo("UC");
    }

    @Test
    void anEndpointThatBreaksOffBeforeItsResponseIsABadGateway() {
        proxy.begin("POST", "/", true);
        proxy.sent().cut(StreamError.CONNECTION_CLOSED, "http1.closed");

        assertThat(proxy.client.status()).isEqualTo(503);
        assertThat(proxy.ended().flag).isEqualTo(ResponseFlag.UC);
    }

    @Test
    void aGrpcStatusInTrailersIsRecorded() {
        proxy.begin(HttpVersion.HTTP_2, "POST", "/", true, "content-type", "application/grpc");
        proxy.sent().head(200, "content-type", "application/grpc");
        proxy.sent().trailers("grpc-status", "5");

        assertThat(proxy.ended().grpcStatus).hasToString("5");
        assertThat(proxy.client.trailer("grpc-status")).isEqualTo("5");
    }

    @Test
    void aClientThatLeavesCutsTheResponse() {
        proxy.get("/");
        proxy.sent().head(200);
        proxy.goAway();

        assertThat(proxy.sent().reset).isEqualTo(StreamError.CANCEL);
        assertThat(proxy.ended().status).isEqualTo(200);
        assertThat(proxy.ended().flags()).isEqualTo("DC");
    }
}
