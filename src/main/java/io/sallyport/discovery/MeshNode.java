package io.sallyport.discovery;

/// Where a machine of the mesh stands, by its labels `topology.kubernetes.io/region` and `/zone`; empty where it has
/// none.
public record MeshNode(String name, String region, String zone) {}
