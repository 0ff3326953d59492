package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.outcome.AuthorizationOutcome;
import io.sallyport.outcome.RequestObserver;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuthorizerMetricsTest {
    private final Scraped scraped = new Scraped();
    private final AuthorizerMetrics metrics = new AuthorizerMetrics();

    @BeforeEach
    void show() {
        scraped.exposition.add(metrics);
    }

    private List<String> samples() {
        return scraped.lines().stream()
                .filter(line -> line.startsWith("sallyport_external_authorizations_total{"))
                .toList();
    }

    @Test
    void questionsAreCountedByProviderAndOutcomeAlsoBehindOtherObservers() {
        RequestObserver observer = RequestObserver.NONE.and(metrics).and(RequestObserver.NONE);

        observer.onAuthorization("opa", AuthorizationOutcome.ALLOWED);
        observer.onAuthorization("opa", AuthorizationOutcome.ALLOWED);
        observer.onAuthorization("opa", AuthorizationOutcome.FAILED_OPEN);

        assertThat(samples())
                .containsExactly(
                        "sallyport_external_authorizations_total{provider=\"opa\",outcome=\"allowed\"} 2.0",
                        "sallyport_external_authorizations_total{provider=\"opa\",outcome=\"failed_open\"} 1.0");
    }

    @Test
    void beyondABoundProvidersShareACount() {
        for (int i = 0; i < 2_000; i++) {
            metrics.onAuthorization("p" + i, AuthorizationOutcome.DENIED);
        }

        assertThat(samples())
                .hasSize(1_001)
                .contains("sallyport_external_authorizations_total{provider=\"other\",outcome=\"denied\"} 1000.0");
    }
}
