package io.sallyport.tls;

/// Settings of the JDK's TLS that exist for the whole process alone. The JDK reads them once, when TLS is first used,
/// so the program calls [#prepare] before all else.
public final class JdkTls {
    private JdkTls() {}

    public static void prepare() {
        // Renegotiation is a client's means to make a server work (CVE-2011-1473); TLS 1.3 has none.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        // The filter chain is chosen by the server name before the engine sees a byte. The engine itself would only
        // refuse names that are no host names, and so every sidecar's default,
        // `outbound_.80_._.billing.shop.svc.cluster.local`.
        System.setProperty("jdk.tls.server.disableExtensions", "server_name");
    }
}
