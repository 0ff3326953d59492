package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.HttpVersion;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.ResponseFlag;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// How long a request may take, on a clock that the test moves.
class DeadlinesTest {
    private static final String[] GRPC = {"content-type", "application/grpc"};

    private final ProxyFixture proxy = new ProxyFixture("""
            - route: [{destination: {host: shop.internal}}]
              timeout: 1s
            """);

    @AfterEach
    void close() {
        proxy.close();
    }

    @Test
    void aResponseInTimeIsPassedOn() {
        proxy.get("/");
        proxy.pass(Duration.ofMillis(999));
        proxy.sent().answer(200);
        proxy.pass(Duration.ofSeconds(5));

        assertThat(proxy.client.status()).isEqualTo(200);
        assertThat(proxy.client.ended).isTrue();
        assertThat(proxy.ended().flags()).isEqualTo("-");
    }

    @Test
    void aRequestWithoutAResponseIsAnsweredAtTheRoutesTimeout() {
        proxy.get("/");
        proxy.pass(Duration.ofMillis(999));
        assertThat(proxy.facts).isEmpty();
        proxy.pass(Duration.ofMillis(1));

        assertThat(proxy.client.status()).isEqualTo(504);
        assertThat(proxy.client.body()).isEqualTo("upstream_response_timeout");
        assertThat(proxy.sent().reset).isEqualTo(StreamError.CANCEL);
        assertThat(proxy.ended().flag).isEqualTo(ResponseFlag.UT);
    }

    @Test
    void theTimeRunsWhileAConnectionIsAwaited() {
        proxy.endpoint.connecting = FakeEndpoint.Connecting.TAKES_FOREVER;
        proxy.begin("POST", "/", false);
        proxy.pass(Duration.ofSeconds(1));

        assertThat(proxy.client.status()).isEqualTo(504);
        assertThat(proxy.endpoint.sent).isEmpty();
    }

    @Test
    void theTimeDoesNotRunWhileTheClientIsSending() {
        proxy.begin("POST", "/", false);
        proxy.data("slowly", false);
        proxy.pass(Duration.ofSeconds(10));
        assertThat(proxy.facts).isEmpty();

        proxy.data("done", true);
        proxy.pass(Duration.ofSeconds(1));

        assertThat(proxy.client.status()).isEqualTo(504);
    }

    @Test
    void aResponseThatHasBegunIsCut() {
        proxy.get("/");
        proxy.sent().head(200);
        proxy.sent().data("half", false);
        proxy.pass(Duration.ofSeconds(1));

        assertThat(proxy.client.status()).isEqualTo(200);
        assertThat(proxy.client.reset).isEqualTo(StreamError.INTERNAL_ERROR);
        assertThat(proxy.ended().flags()).isEqualTo("UT");
    }

    @Test
    void aGrpcCallerThatWaitsLessIsAnsweredEarlier() {
        proxy.begin(HttpVersion.HTTP_2, "POST", "/", true, "content-type", "application/grpc", "grpc-timeout", "300m");
        assertThat(proxy.sent().header("grpc-timeout")).isEqualTo("300m");
        proxy.pass(Duration.ofMillis(300));

        assertThat(proxy.client.status()).isEqualTo(200);
        assertThat(proxy.client.header("grpc-status")).isEqualTo("4");
        assertThat(proxy.ended().details).isEqualTo("grpc_timeout_reached");
    }

    @Test
    void aGrpcCallersTimeRunsWhileItIsSending() {
        proxy.begin(HttpVersion.HTTP_2, "POST", "/", false, "content-type", "application/grpc", "grpc-timeout", "3S");
        proxy.data("slowly", false);
        proxy.pass(Duration.ofSeconds(2));
        assertThat(proxy.facts).isEmpty();
        proxy.pass(Duration.ofSeconds(1));

        assertThat(proxy.ended().details).isEqualTo("grpc_timeout_reached");
    }

    @Test
    void theEndpointIsGivenWhatIsLeftOfTheTime() {
        proxy.endpoint.connecting = FakeEndpoint.Connecting.IS_REFUSED;
        proxy.begin(HttpVersion.HTTP_2, "POST", "/", true, "content-type", "application/grpc", "grpc-timeout", "5S");
        proxy.endpoint.connecting = FakeEndpoint.Connecting.SUCCEEDS;
        proxy.pass(Duration.ofMillis(100));

        assertThat(proxy.sent().header("grpc-timeout"))
                .as("of the route's second")
                .isEqualTo("900m");
    }

    @Test
    void aGrpcResponseOverHttp2IsEndedByTrailers() {
        proxy.begin(HttpVersion.HTTP_2, "POST", "/", true, GRPC);
        proxy.sent().head(200, GRPC);
        proxy.pass(Duration.ofSeconds(1));

        assertThat(proxy.client.reset).isNull();
        assertThat(proxy.client.trailer("grpc-status")).isEqualTo("4");
        assertThat(proxy.ended().grpcStatus).hasToString("4");
    }
}
