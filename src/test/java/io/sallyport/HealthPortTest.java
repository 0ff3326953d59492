package io.sallyport;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.config.DecoderConfig;
import io.sallyport.admin.Readiness;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/// Load balancers and scrapers hold these paths in their own configuration, so they must never move.
@QuarkusTest
class HealthPortTest {
    @Inject
    Readiness readiness;

    @Test
    void readyIsOnlyWhoServes() {
        given().get("/healthz/ready").then().statusCode(503).body("status", equalTo("DOWN"));
        given().get("/healthz/live").then().statusCode(200).body("status", equalTo("UP"));

        readiness.serving();
        given().get("/healthz/ready").then().statusCode(200).body("status", equalTo("UP"));

        readiness.draining();
        given().get("/healthz/ready").then().statusCode(503).body("checks[0].data.state", equalTo("draining"));
        given().get("/healthz/live").then().statusCode(200);
    }

    @Test
    void metricsAreCompressedForWhoTakesIt() {
        given().config(RestAssured.config()
                        .decoderConfig(DecoderConfig.decoderConfig().noContentDecoders()))
                .header("Accept-Encoding", "gzip")
                .header("Accept", "application/openmetrics-text")
                .get("/metrics")
                .then()
                .statusCode(200)
                .header("Content-Encoding", "gzip")
                .contentType("application/openmetrics-text; version=1.0.0; charset=utf-8");
    }

    @Test
    void metricsAreInPrometheusFormat() {
        given().get("/metrics").then().statusCode(200).body(containsString("# TYPE jvm_memory_used_bytes gauge"));
    }
}
