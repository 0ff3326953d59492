package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/// How far a request has to be followed in order to be understood: the classes of this package that a plain GET passes,
/// and the calls from one of them to another. `docs/design.md` has the figures; they may fall and must not grow.
class RequestPathTest {
    private static final int CLASSES = 19;
    private static final int HOPS = 57;

    @Test
    void aPlainGetPassesFewClassesAndGoesToAndFroLittle() throws Exception {
        Class<?> request = CallTrail.loader().loadClass(PlainGets.class.getName());
        Callable<?> get = (Callable<?>) request.getDeclaredConstructor().newInstance();

        get.call();

        CallTrail second = CallTrail.requests().get(1);
        assertThat(second.classes()).hasSize(CLASSES);
        assertThat(second.hops()).hasSize(HOPS);
    }

    /// GETs on a connection that is kept alive at both ends: HTTP/1.1, no filters, no retries, no body.
    public static final class PlainGets implements Callable<Void> {
        @Override
        public Void call() throws Exception {
            try (RawUpstream upstream = RawUpstream.ok("hello");
                    TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                            + Yaml.service("shop.internal", upstream.port())
                            + Yaml.virtualService("shop.example", """
                                    - route: [{destination: {host: shop.internal}}]
                                    """));
                    RawClient client = new RawClient(gateway.port(80))) {
                for (int i = 0; i < 3; i++) {
                    String response = client.send("GET /cart HTTP/1.1\r\nHost: shop.example\r\n\r\n")
                            .readResponse();
                    assertThat(response).endsWith("hello");
                }
                return null;
            }
        }
    }
}
