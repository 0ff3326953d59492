package io.sallyport.config.model;

/// A resource that was read in full.
public sealed interface Resource
        permits Gateway, VirtualService, DestinationRule, ServiceEntry, AttachedPolicy, PeerAuthentication, MeshConfig {
    ResourceMeta meta();
}
