package io.sallyport.config.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the gateway reads of `MeshConfig` (mesh/v1alpha1/config.proto): whom policies may ask, who gets traces,
/// how requests are logged, and what it says of things that the gateway has settings for.
///
/// @param trustDomain empty where it is not said
/// @param rootNamespace likewise
/// @param enableAutoMtls endpoints that offer the mesh's own TLS get it without a DestinationRule; true where it is not
///     said
/// @param tracingProviders of `defaultProviders`: who gets spans where no Telemetry says it; the first one counts
/// @param logProviders of `defaultProviders`: what is written to where no Telemetry says it
/// @param gatewayTopology of `defaultConfig`; null where it is not said
/// @param accessLogFile path of the file that gets the access log; empty where it is not said
/// @param accessLogEncoding null where it is not said
/// @param accessLogFormat empty where it is not said
public record MeshConfig(
        ResourceMeta meta,
        String trustDomain,
        List<String> trustDomainAliases,
        String rootNamespace,
        boolean enableAutoMtls,
        List<ExtensionProvider> extensionProviders,
        List<String> tracingProviders,
        List<String> logProviders,
        @Nullable Topology gatewayTopology,
        String accessLogFile,
        @Nullable LogEncoding accessLogEncoding,
        String accessLogFormat)
        implements Resource {

    /// `Topology`.
    ///
    /// @param proxyProtocol whether listeners expect a PROXY protocol header
    public record Topology(
            int numTrustedProxies,
            ForwardClientCertDetails forwardClientCertDetails,
            boolean proxyProtocol,
            Position at) {}

    /// `AccessLogEncoding`.
    public enum LogEncoding {
        TEXT,
        JSON
    }

    /// `ForwardClientCertDetails`.
    public enum ForwardClientCertDetails {
        UNDEFINED,
        SANITIZE,
        FORWARD_ONLY,
        APPEND_FORWARD,
        SANITIZE_SET,
        ALWAYS_FORWARD_ONLY
    }
}
