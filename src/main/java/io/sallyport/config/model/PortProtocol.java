package io.sallyport.config.model;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The protocols that a port may name (`Port.protocol`, `ServicePort.protocol`: strings in the proto, matched without
/// case).
public enum PortProtocol {
    /// No protocol given: a service's port only. The gateway treats it as TCP unless a route says otherwise.
    UNSPECIFIED(""),
    HTTP("HTTP"),
    HTTPS("HTTPS"),
    HTTP2("HTTP2"),
    GRPC("GRPC"),
    GRPC_WEB("GRPC-WEB"),
    TCP("TCP"),
    TLS("TLS"),
    UDP("UDP"),
    /// Treated as [#TCP].
    MONGO("MONGO"),
    /// Treated as [#TCP].
    MYSQL("MYSQL"),
    /// Treated as [#TCP].
    REDIS("REDIS");

    private static final Map<String, PortProtocol> BY_NAME = Map.ofEntries(
            Map.entry("", UNSPECIFIED),
            Map.entry("http", HTTP),
            Map.entry("https", HTTPS),
            Map.entry("http2", HTTP2),
            Map.entry("grpc", GRPC),
            Map.entry("grpc-web", GRPC_WEB),
            Map.entry("tcp", TCP),
            Map.entry("tls", TLS),
            Map.entry("udp", UDP),
            Map.entry("mongo", MONGO),
            Map.entry("mysql", MYSQL),
            Map.entry("redis", REDIS));

    private final String istioName;

    PortProtocol(String istioName) {
        this.istioName = istioName;
    }

    public String istioName() {
        return istioName;
    }

    /// HTTP in clear text, whatever its version.
    public boolean isPlainHttp() {
        return this == HTTP || this == HTTP2 || this == GRPC || this == GRPC_WEB;
    }

    /// The client speaks TLS first.
    public boolean isTls() {
        return this == HTTPS || this == TLS;
    }

    /// The protocol with that name in any case, or null for an unknown one.
    public static @Nullable PortProtocol of(String name) {
        return BY_NAME.get(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return istioName;
    }
}
