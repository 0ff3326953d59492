package io.sallyport.cluster.balance;

import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The part of a request that decides where it goes (Istio: `ConsistentHashLB.hash_key`).
public sealed interface HashKey {
    /// @param name in lower case; a pseudo-header of requests and `host` stand for what the client asked for
    record Header(AsciiString name) implements HashKey {}

    /// @param path of the cookie that is made; empty for none
    /// @param ttl of the cookie that is made where the request has none; below a second for one that lives as
    ///     long as the browser; null makes none
    /// @param attributes of the cookie that is made, such as `SameSite=Strict`, ready to be written
    record Cookie(String name, String path, @Nullable Duration ttl, List<String> attributes) implements HashKey {
        public Cookie {
            attributes = List.copyOf(attributes);
        }
    }

    /// The client's address without its port.
    record SourceAddress() implements HashKey {}

    /// The first parameter of that name, not decoded.
    record QueryParameter(String name) implements HashKey {}
}
