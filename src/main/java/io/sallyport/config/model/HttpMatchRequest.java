package io.sallyport.config.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `HTTPMatchRequest`: all conditions must hold.
///
/// @param headers by lower-case name; pseudo-headers and `@request.auth.claims...` as written
/// @param port the listener's port; 0 is any
/// @param ignoreUriCase applies to an exact or prefix `uri` only
/// @param withoutHeaders conditions that must not hold
public record HttpMatchRequest(
        String name,
        @Nullable StringMatch uri,
        @Nullable StringMatch scheme,
        @Nullable StringMatch method,
        @Nullable StringMatch authority,
        Map<String, StringMatch> headers,
        int port,
        Map<String, String> sourceLabels,
        List<String> gateways,
        Map<String, StringMatch> queryParams,
        boolean ignoreUriCase,
        Map<String, StringMatch> withoutHeaders,
        String sourceNamespace,
        String statPrefix,
        Position at) {

    /// The same conditions with other literals.
    public HttpMatchRequest withLiterals(
            @Nullable StringMatch otherUri,
            @Nullable StringMatch otherAuthority,
            Map<String, StringMatch> otherHeaders,
            Map<String, StringMatch> otherWithoutHeaders) {
        return new HttpMatchRequest(
                name,
                otherUri,
                scheme,
                method,
                otherAuthority,
                otherHeaders,
                port,
                sourceLabels,
                gateways,
                queryParams,
                ignoreUriCase,
                otherWithoutHeaders,
                sourceNamespace,
                statPrefix,
                at);
    }

    /// The same conditions for other gateways.
    public HttpMatchRequest withGateways(List<String> otherGateways) {
        return new HttpMatchRequest(
                name,
                uri,
                scheme,
                method,
                authority,
                headers,
                port,
                sourceLabels,
                otherGateways,
                queryParams,
                ignoreUriCase,
                withoutHeaders,
                sourceNamespace,
                statPrefix,
                at);
    }
}
