package io.sallyport.config.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `MeshConfig.ExtensionProvider`: a service that policies with action CUSTOM may name, one that takes traces or
/// the access log, or a file of the access log.
///
/// @param authorizer null where it provides something else
/// @param openTelemetry likewise
/// @param fileLog likewise
/// @param logService likewise
public record ExtensionProvider(
        String name,
        @Nullable ExternalAuthorizer authorizer,
        @Nullable OpenTelemetry openTelemetry,
        @Nullable FileLog fileLog,
        @Nullable LogService logService,
        Position at) {
    /// `EnvoyFileAccessLogProvider`.
    ///
    /// @param text of `logFormat`, a line; empty where it is not said
    /// @param labels of `logFormat`, an object in JSON; likewise
    public record FileLog(String path, String text, String labels) {}

    /// `EnvoyOpenTelemetryLogProvider`.
    ///
    /// @param service `[namespace/]host`
    /// @param logName empty where it is not said
    /// @param text of `logFormat`, a record's body; likewise
    /// @param labels of `logFormat`, a record's attributes
    public record LogService(String service, int port, String logName, String text, Map<String, String> labels) {}

    /// `OpenTelemetryTracingProvider`.
    ///
    /// @param service `[namespace/]host`
    /// @param maxTagLength 0 where it is not said
    /// @param path of `http`; empty for gRPC
    /// @param timeout null where none is given
    public record OpenTelemetry(
            String service,
            int port,
            int maxTagLength,
            String path,
            @Nullable Duration timeout,
            List<Header> headers) {
        /// `HttpHeader`.
        ///
        /// @param variable of the environment that has the value; empty where `value` is it
        public record Header(String name, String value, String variable) {}
    }

    /// `envoyExtAuthzHttp` or `envoyExtAuthzGrpc`.
    ///
    /// @param service `[namespace/]host`
    /// @param timeout null is Istio's default, 600 s
    /// @param failOpen what cannot be asked about is allowed
    /// @param clearRouteCache the gateway always chooses the route behind the answer, as with true
    /// @param statusOnError empty is 403
    /// @param includeRequestBodyInCheck null where the body is not sent
    /// @param http null for gRPC
    public record ExternalAuthorizer(
            String service,
            int port,
            @Nullable Duration timeout,
            boolean failOpen,
            boolean clearRouteCache,
            String statusOnError,
            @Nullable RequestBody includeRequestBodyInCheck,
            @Nullable Http http) {
        /// The timeout where none is given.
        public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(600);
    }

    /// `EnvoyExternalAuthorizationRequestBody`.
    public record RequestBody(int maxRequestBytes, boolean allowPartialMessage, boolean packAsBytes) {}

    /// What only `envoyExtAuthzHttp` has. Lists are of header names, `x*` and `*x` among them.
    ///
    /// @param includeRequestHeadersInCheck or the deprecated `includeHeadersInCheck` where that stands alone
    public record Http(
            String pathPrefix,
            List<String> includeRequestHeadersInCheck,
            Map<String, String> includeAdditionalHeadersInCheck,
            List<String> headersToUpstreamOnAllow,
            List<String> headersToDownstreamOnDeny,
            List<String> headersToDownstreamOnAllow) {}
}
