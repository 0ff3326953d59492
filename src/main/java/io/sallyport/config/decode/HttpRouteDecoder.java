package io.sallyport.config.decode;

import io.sallyport.config.model.Delegate;
import io.sallyport.config.model.Headers;
import io.sallyport.config.model.HttpMirrorPolicy;
import io.sallyport.config.model.HttpRetry;
import io.sallyport.config.model.HttpRewrite;
import io.sallyport.config.model.HttpRewrite.RegexRewrite;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.HttpRouteDestination;
import io.sallyport.config.yaml.ObjectReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `HTTPRoute` and what is in it.
final class HttpRouteDecoder {
    private static final List<String> REMOVED_HEADER_FIELDS = List.of(
            "appendHeaders",
            "removeResponseHeaders",
            "appendResponseHeaders",
            "removeRequestHeaders",
            "appendRequestHeaders");

    private HttpRouteDecoder() {}

    static HttpRoute read(ObjectReader in) {
        in.removed("websocketUpgrade", "delete it: upgrades are always allowed");
        removedHeaderFields(in);
        // The one field that Kubernetes' schema of Istio knows by two names.
        in.atMostOne("mirrorPercent", "mirror_percent");
        return new HttpRoute(
                in.text("name"),
                in.objectsOrNull("match", HttpMatchDecoder::read),
                in.objects("route", HttpRouteDecoder::destination),
                in.object("redirect", HttpAnswerDecoder::redirect),
                in.object("directResponse", HttpAnswerDecoder::directResponse),
                in.object("delegate", HttpRouteDecoder::delegate),
                in.object("rewrite", HttpRouteDecoder::rewrite),
                in.duration("timeout"),
                in.object("retries", HttpRouteDecoder::retry),
                in.object("fault", HttpFaultDecoder::fault),
                in.object("mirror", Destinations::read),
                in.objects("mirrors", HttpRouteDecoder::mirror),
                in.optionalUint32(in.has("mirror_percent") ? "mirror_percent" : "mirrorPercent"),
                percent(in, "mirrorPercentage"),
                in.object("corsPolicy", HttpFaultDecoder::cors),
                in.object("headers", HttpRouteDecoder::headers),
                in.at());
    }

    private static void removedHeaderFields(ObjectReader in) {
        REMOVED_HEADER_FIELDS.forEach(name -> in.removed(name, "use headers.request and headers.response"));
    }

    private static HttpRouteDestination destination(ObjectReader in) {
        removedHeaderFields(in);
        return new HttpRouteDestination(
                Destinations.required(in),
                in.int32("weight"),
                in.object("headers", HttpRouteDecoder::headers),
                in.at());
    }

    private static Delegate delegate(ObjectReader in) {
        return new Delegate(in.requiredText("name"), in.text("namespace"), in.at());
    }

    private static HttpRewrite rewrite(ObjectReader in) {
        return new HttpRewrite(
                in.text("uri"),
                in.text("authority"),
                in.object("uriRegexRewrite", regex -> new RegexRewrite(regex.text("match"), regex.text("rewrite"))),
                in.at());
    }

    private static HttpRetry retry(ObjectReader in) {
        return new HttpRetry(
                in.int32("attempts"),
                in.duration("perTryTimeout"),
                in.text("retryOn"),
                in.optionalBool("retryRemoteLocalities"),
                in.optionalBool("retryIgnorePreviousHosts"),
                in.duration("backoff"),
                in.at());
    }

    private static HttpMirrorPolicy mirror(ObjectReader in) {
        return new HttpMirrorPolicy(Destinations.required(in), percent(in, "percentage"), in.at());
    }

    private static Headers headers(ObjectReader in) {
        return new Headers(
                in.object("request", HttpRouteDecoder::operations),
                in.object("response", HttpRouteDecoder::operations),
                in.at());
    }

    private static Headers.Operations operations(ObjectReader in) {
        return new Headers.Operations(in.textMap("set"), in.textMap("add"), in.texts("remove"));
    }

    /// `Percent`, whose `value` is 0 when absent.
    static @Nullable Double percent(ObjectReader in, String field) {
        return in.object(field, percent -> {
            Double value = percent.optionalNumber("value");
            return value == null ? Double.valueOf(0) : value;
        });
    }
}
