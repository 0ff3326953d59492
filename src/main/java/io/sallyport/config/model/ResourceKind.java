package io.sallyport.config.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The Kubernetes kinds that Sallyport knows by name.
public enum ResourceKind {
    GATEWAY("Gateway", ApiGroup.NETWORKING),
    VIRTUAL_SERVICE("VirtualService", ApiGroup.NETWORKING),
    DESTINATION_RULE("DestinationRule", ApiGroup.NETWORKING),
    SERVICE_ENTRY("ServiceEntry", ApiGroup.NETWORKING),
    AUTHORIZATION_POLICY("AuthorizationPolicy", ApiGroup.SECURITY),
    PEER_AUTHENTICATION("PeerAuthentication", ApiGroup.SECURITY),
    REQUEST_AUTHENTICATION("RequestAuthentication", ApiGroup.SECURITY),
    TELEMETRY("Telemetry", ApiGroup.TELEMETRY),
    /// Istio's settings of a mesh, which are no Kubernetes resource of their own.
    MESH_CONFIG("MeshConfig", ApiGroup.CORE),
    /// Kubernetes' own; discovered, never read from a file.
    SERVICE("Service", ApiGroup.CORE);

    /// The API groups. Resources of all but the last are read.
    public enum ApiGroup {
        NETWORKING("networking.istio.io"),
        SECURITY("security.istio.io"),
        TELEMETRY("telemetry.istio.io"),
        CORE("");

        private final String domain;

        ApiGroup(String domain) {
            this.domain = domain;
        }

        /// The part of `apiVersion` before the slash.
        public String domain() {
            return domain;
        }
    }

    private static final Map<String, ResourceKind> BY_NAME = Map.of(
            "Gateway", GATEWAY,
            "VirtualService", VIRTUAL_SERVICE,
            "DestinationRule", DESTINATION_RULE,
            "ServiceEntry", SERVICE_ENTRY,
            "AuthorizationPolicy", AUTHORIZATION_POLICY,
            "PeerAuthentication", PEER_AUTHENTICATION,
            "RequestAuthentication", REQUEST_AUTHENTICATION,
            "Telemetry", TELEMETRY);

    private final String istioName;
    private final ApiGroup group;

    ResourceKind(String istioName, ApiGroup group) {
        this.istioName = istioName;
        this.group = group;
    }

    /// The kind as it stands in a file, such as `VirtualService`.
    public String istioName() {
        return istioName;
    }

    public ApiGroup group() {
        return group;
    }

    /// The kind of that group with that name, or null where there is none (Gateway API's `Gateway` is not Istio's).
    public static @Nullable ResourceKind of(String apiGroup, String name) {
        ResourceKind kind = BY_NAME.get(name);
        return kind != null && kind.group.domain.equals(apiGroup) ? kind : null;
    }

    @Override
    public String toString() {
        return istioName;
    }
}
