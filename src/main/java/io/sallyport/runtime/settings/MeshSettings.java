package io.sallyport.runtime.settings;

import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/// Settings under `sallyport.mesh`: the port that internal clients use as their proxy.
public interface MeshSettings {
    @Meaning("Opens the mesh listener: the forward proxy that clients name in `HTTP_PROXY` and `HTTPS_PROXY`.")
    @WithDefault("false")
    boolean enabled();

    @Meaning("Port of the mesh listener.")
    @WithDefault("15001")
    int port();

    Tls tls();

    /// TLS between clients and the mesh listener itself (an `https://` proxy). Off where neither a credential is named
    /// nor the mode is ISTIO_MUTUAL, which takes the identity directory's certificate.
    interface Tls {
        @Meaning("Secret with the proxy port's own certificate. Unset: it speaks TLS only with mode `istio-mutual`.")
        Optional<String> credentialName();

        @Meaning("`simple`, or what the proxy port asks of clients' certificates; `istio-mutual` takes the identity"
                + " directory's certificate.")
        @WithDefault("simple")
        MeshTlsMode mode();

        @Meaning("Names of the proxy itself: a ClientHello for one of them, or for none, is meant for the proxy port,"
                + " any other for the host that it names.")
        Optional<List<String>> hosts();

        @Meaning("Turns away clients that speak plain text to the proxy port.")
        @WithDefault("false")
        boolean required();
    }
}
