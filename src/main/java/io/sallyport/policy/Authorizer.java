package io.sallyport.policy;

import io.netty.util.AsciiString;
import io.sallyport.route.HeaderOps;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A service that is asked about requests (Istio's `extensionProviders`), compiled.
///
/// @param name of the provider
/// @param cluster by which it is reached; there may be no such cluster
/// @param host of the service, the authority of gRPC
/// @param timeout of one question
/// @param failOpen requests that cannot be asked about are allowed
/// @param statusOnError of requests that cannot be asked about, otherwise
/// @param body how much of a request's body is sent along; null for none
/// @param http null where gRPC is spoken
public record Authorizer(
        String name,
        String cluster,
        String host,
        Duration timeout,
        boolean failOpen,
        int statusOnError,
        @Nullable Body body,
        @Nullable Http http) {

    /// Whether it can be asked about connections whose bytes are relayed: the protocol over HTTP is about requests.
    public boolean judgesBytes() {
        return http == null;
    }

    /// @param most bytes
    /// @param partial of a longer body the beginning is sent; otherwise the request is refused
    /// @param asBytes whether it is sent to gRPC as bytes, else as text
    public record Body(int most, boolean partial, boolean asBytes) {}

    /// @param pathPrefix before the request's own path
    /// @param included header fields of the request that are sent
    /// @param added sets header fields that are sent besides, in place of the request's; values may be made for
    ///     each request
    /// @param toUpstream fields of an answer that allows which the endpoint gets
    /// @param toClientOnDeny fields of an answer that denies which the client gets; null for all
    /// @param toClientOnAllow fields of an answer that allows which the client gets
    public record Http(
            String pathPrefix,
            Names included,
            HeaderOps added,
            Names toUpstream,
            @Nullable Names toClientOnDeny,
            Names toClientOnAllow) {}

    /// Names of header fields, and how names begin and end, in lower case.
    public record Names(List<AsciiString> exact, List<String> prefixes, List<String> suffixes) {
        public static final Names NONE = new Names(List.of(), List.of(), List.of());

        public boolean has(AsciiString lowerCaseName) {
            return exact.contains(lowerCaseName)
                    || prefixes.stream().anyMatch(lowerCaseName::startsWith)
                    || suffixes.stream().anyMatch(lowerCaseName::endsWith);
        }

        public boolean isEmpty() {
            return exact.isEmpty() && prefixes.isEmpty() && suffixes.isEmpty();
        }
    }
}
