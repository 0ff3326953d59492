package io.sallyport.config.validation;

import io.sallyport.config.model.CorsPolicy;
import io.sallyport.config.model.GrpcStatus;
import io.sallyport.config.model.HttpFaultInjection;
import io.sallyport.config.model.HttpMirrorPolicy;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.StringMatch;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.Suggestion;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `HTTPFaultInjection`, `CorsPolicy` and mirrors.
final class HttpFilterValidator {
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*");
    private static final List<String> GRPC_STATUS =
            Arrays.stream(GrpcStatus.values()).map(GrpcStatus::name).toList();

    private HttpFilterValidator() {}

    static void fault(@Nullable HttpFaultInjection fault, Place place) {
        if (fault == null) {
            return;
        }
        if (fault.delay() == null && fault.abort() == null) {
            place.report(ProblemCode.BAD_FAULT, "delay or abort is needed");
        }
        if (fault.delay() != null) {
            delay(fault.delay(), place.field("delay"));
        }
        if (fault.abort() != null) {
            abort(fault.abort(), place.field("abort"));
        }
    }

    private static void delay(HttpFaultInjection.Delay delay, Place place) {
        Checks.percentage(delay.percentage(), place.field("percentage"));
        Checks.percent(delay.percent(), place.field("percent"));
        Checks.time(delay.fixedDelay(), place.field("fixedDelay"));
        if (delay.percent() != 0) {
            place.field("percent").report(ProblemCode.DEPRECATED, "percent is deprecated", "use percentage.value");
        }
        if (delay.exponentialDelay() != null) {
            place.field("exponentialDelay").report(ProblemCode.BAD_FAULT, "Istio does not support it either");
        } else if (delay.fixedDelay() == null) {
            place.report(ProblemCode.FAULT_UNUSED, "nobody is delayed: it has no fixedDelay");
        }
    }

    private static void abort(HttpFaultInjection.Abort abort, Place place) {
        Checks.percentage(abort.percentage(), place.field("percentage"));
        if (abort.httpStatus() != null) {
            HttpActionValidator.status(abort.httpStatus(), place.field("httpStatus"));
        }
        String status = abort.grpcStatus();
        if (status != null && !GRPC_STATUS.contains(status)) {
            String message = Quote.of(status) + " is not a gRPC status";
            String hint = Suggestion.didYouMean(status, GRPC_STATUS);
            place.field("grpcStatus").report(ProblemCode.BAD_FAULT, message, hint);
        }
        if (abort.http2Error() != null) {
            place.field("http2Error").report(ProblemCode.BAD_FAULT, "Istio does not support it either");
        } else if (abort.httpStatus() == null && status == null) {
            place.report(ProblemCode.FAULT_UNUSED, "nothing is aborted: it has neither httpStatus nor grpcStatus");
        }
    }

    static void cors(@Nullable CorsPolicy cors, Place place) {
        if (cors == null) {
            return;
        }
        for (int i = 0; i < cors.allowOrigins().size(); i++) {
            origin(cors.allowOrigins().get(i), place.field("allowOrigins").index(i));
        }
        for (int i = 0; i < cors.allowMethods().size(); i++) {
            String method = cors.allowMethods().get(i);
            if (!METHODS.contains(method)) {
                String message = Quote.of(method) + " is not one of " + String.join(", ", METHODS);
                String hint = Suggestion.didYouMean(method, METHODS);
                place.field("allowMethods").index(i).report(ProblemCode.BAD_CORS, message, hint);
            }
        }
        for (int i = 0; i < cors.allowHeaders().size(); i++) {
            HeaderChecks.corsName(
                    cors.allowHeaders().get(i), place.field("allowHeaders").index(i));
        }
        for (int i = 0; i < cors.exposeHeaders().size(); i++) {
            HeaderChecks.corsName(
                    cors.exposeHeaders().get(i), place.field("exposeHeaders").index(i));
        }
        if (!cors.allowOrigin().isEmpty()) {
            place.field("allowOrigin").report(ProblemCode.DEPRECATED, "allowOrigin is deprecated", "use allowOrigins");
        }
        Checks.time(cors.maxAge(), place.field("maxAge"));
        if (cors.maxAge() != null && cors.maxAge().getNano() != 0) {
            place.field("maxAge").report(ProblemCode.BAD_TIME, "maxAge has whole seconds");
        }
    }

    private static void origin(StringMatch origin, Place place) {
        boolean empty =
                switch (origin) {
                    case StringMatch.Exact exact -> exact.value().isEmpty();
                    case StringMatch.Prefix prefix -> prefix.value().isEmpty();
                    case StringMatch.Regex regex -> regex.value().isEmpty();
                    case StringMatch.Present _ -> true;
                };
        if (empty) {
            place.report(ProblemCode.BAD_CORS, "an origin must not be empty");
        } else {
            Checks.stringMatch(origin, place);
        }
    }

    static void mirrors(HttpRoute route, Place place) {
        if (route.mirror() != null) {
            RouteChecks.destination(route.mirror(), place.field("mirror"));
        }
        if (route.mirror() != null && !route.mirrors().isEmpty()) {
            place.field("mirrors").report(ProblemCode.BAD_MIRROR, "mirror and mirrors exclude each other");
        }
        for (int i = 0; i < route.mirrors().size(); i++) {
            HttpMirrorPolicy mirror = route.mirrors().get(i);
            Place at = place.field("mirrors").index(i);
            RouteChecks.destination(mirror.destination(), at.field("destination"));
            Checks.percentage(mirror.percentage(), at.field("percentage"));
        }
        Checks.percentage(route.mirrorPercentage(), place.field("mirrorPercentage"));
        if (route.mirrorPercent() != null) {
            Checks.percent(route.mirrorPercent(), place.field("mirrorPercent"));
            String message = "mirrorPercent is deprecated";
            place.field("mirrorPercent").report(ProblemCode.DEPRECATED, message, "use mirrorPercentage.value");
        }
    }
}
