package io.sallyport.cli.settings;

/// What mesh clients may reach (Istio `MeshConfig.OutboundTrafficPolicy`, and ours to learn a list from traffic).
public enum EgressMode {
    REGISTRY_ONLY,
    ALLOW_ANY,
    LEARN
}
