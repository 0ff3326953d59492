package io.sallyport.config.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `security.istio.io` RequestAuthentication: whose tokens are accepted.
///
/// @param selector labels of the workloads it applies to; null for every workload of its namespace, or of the mesh in
///     the root namespace
/// @param targets what it is attached to instead of workloads, `targetRef` and `targetRefs`; empty for workloads
public record RequestAuthentication(
        ResourceMeta meta,
        @Nullable Map<String, String> selector,
        List<AuthorizationPolicy.TargetRef> targets,
        List<JwtRule> jwtRules)
        implements AttachedPolicy {

    /// `JWTRule`.
    ///
    /// @param issuer empty for any
    /// @param jwksUri where the keys are fetched; empty where they are in `jwks`, or are found by the issuer
    /// @param jwks the keys themselves; empty where they are fetched
    /// @param fromHeaders where tokens are; nowhere else if any of the three `from` lists has an element
    /// @param outputPayloadToHeader empty for none
    /// @param timeout of a fetch of keys; null for the default
    public record JwtRule(
            String issuer,
            List<String> audiences,
            String jwksUri,
            String jwks,
            List<JwtHeader> fromHeaders,
            List<String> fromParams,
            List<String> fromCookies,
            String outputPayloadToHeader,
            List<ClaimToHeader> outputClaimToHeaders,
            boolean forwardOriginalToken,
            @Nullable Duration timeout,
            List<String> spaceDelimitedClaims,
            Position at) {}

    /// `JWTHeader`.
    public record JwtHeader(String name, String prefix, Position at) {}

    /// `ClaimToHeader`.
    public record ClaimToHeader(String header, String claim, Position at) {}
}
