package io.sallyport.config.decode;

import io.sallyport.config.model.CorsPolicy;
import io.sallyport.config.model.CorsPolicy.UnmatchedPreflights;
import io.sallyport.config.model.HttpFaultInjection;
import io.sallyport.config.yaml.ObjectReader;

/// `HTTPFaultInjection` and `CorsPolicy`.
final class HttpFaultDecoder {
    private HttpFaultDecoder() {}

    static HttpFaultInjection fault(ObjectReader in) {
        return new HttpFaultInjection(
                in.object("delay", HttpFaultDecoder::delay), in.object("abort", HttpFaultDecoder::abort), in.at());
    }

    private static HttpFaultInjection.Delay delay(ObjectReader in) {
        in.atMostOne("fixedDelay", "exponentialDelay");
        return new HttpFaultInjection.Delay(
                in.int32("percent"),
                in.duration("fixedDelay"),
                in.duration("exponentialDelay"),
                HttpRouteDecoder.percent(in, "percentage"));
    }

    private static HttpFaultInjection.Abort abort(ObjectReader in) {
        in.removed("percent", "use percentage.value");
        in.atMostOne("httpStatus", "grpcStatus", "http2Error");
        return new HttpFaultInjection.Abort(
                in.optionalInt32("httpStatus"),
                in.optionalText("grpcStatus"),
                in.optionalText("http2Error"),
                HttpRouteDecoder.percent(in, "percentage"));
    }

    static CorsPolicy cors(ObjectReader in) {
        return new CorsPolicy(
                in.texts("allowOrigin"),
                in.objects("allowOrigins", HttpMatchDecoder::stringMatch),
                in.texts("allowMethods"),
                in.texts("allowHeaders"),
                in.texts("exposeHeaders"),
                in.duration("maxAge"),
                in.optionalBool("allowCredentials"),
                in.constant("unmatchedPreflights", UnmatchedPreflights.values()),
                in.at());
    }
}
