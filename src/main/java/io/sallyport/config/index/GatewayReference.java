package io.sallyport.config.index;

/// What an entry of `VirtualService.gateways` means.
public final class GatewayReference {
    /// The reserved name of the mesh listener.
    public static final String MESH = "mesh";

    private GatewayReference() {}

    /// `namespace/name` of the Gateway, or `mesh`. `name` and `./name` stand in the VirtualService's namespace;
    /// `name.namespace` and a longer dotted name are Istio's old spelling of `namespace/name`.
    public static String resolve(String reference, String namespace) {
        if (reference.equals(MESH)) {
            return MESH;
        }
        int slash = reference.indexOf('/');
        if (slash >= 0) {
            return reference.startsWith("./") ? namespace + reference.substring(slash) : reference;
        }
        int dot = reference.indexOf('.');
        if (dot < 0) {
            return namespace + "/" + reference;
        }
        int second = reference.indexOf('.', dot + 1);
        String of = second < 0 ? reference.substring(dot + 1) : reference.substring(dot + 1, second);
        return of + "/" + reference.substring(0, dot);
    }
}
