package io.sallyport.egress;

/// What mesh clients may reach (Istio `MeshConfig.OutboundTrafficPolicy`, and ours to learn a list from traffic).
public enum EgressMode {
    /// What a ServiceEntry, a mesh service or a VirtualService names, and nothing else.
    REGISTRY_ONLY,
    /// Everything; what is not on the list is logged. The guard on addresses holds nevertheless.
    ALLOW_ANY,
    /// As ALLOW_ANY, and what was used is kept, so that a list can be made of it.
    LEARN
}
