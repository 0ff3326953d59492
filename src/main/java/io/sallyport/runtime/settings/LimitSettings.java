package io.sallyport.runtime.settings;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/// Settings under `sallyport.limits`: what one client may make a listener hold or wait for
/// ([io.sallyport.http.HttpLimits]).
public interface LimitSettings {
    @Meaning("Connections of a listener; further ones are closed at once.")
    @WithDefault("10000")
    int connections();

    @Meaning("Longest time for a TLS handshake.")
    @WithDefault("10s")
    Duration tlsHandshakeTimeout();

    @Meaning("Longest request target; beyond it 414.")
    @WithDefault("8K")
    MemorySize targetBytes();

    @Meaning("All header fields of a message together, each with 4 bytes beside name and value; beyond it 431.")
    @WithDefault("60K")
    MemorySize headBytes();

    @Meaning("Number of header fields of a message; beyond it 431.")
    @WithDefault("100")
    int headerFields();

    @Meaning("Largest request body, or 0 for no bound; beyond it 413.")
    @WithDefault("0")
    MemorySize bodyBytes();

    @Meaning("Longest request body that is remembered in order to send it again, while a retry is possible; with a"
            + " longer one the request is not sent again.")
    @WithDefault("64K")
    MemorySize retryBodyBytes();

    @Meaning("Longest time for a request's head; beyond it 408.")
    @WithDefault("10s")
    Duration headTimeout();

    @Meaning("Longest pause within a request's body; beyond it 408.")
    @WithDefault("60s")
    Duration bodyTimeout();

    @Meaning("Longest time between two requests of a connection.")
    @WithDefault("3600s")
    Duration idleTimeout();

    @Meaning("Longest time that a client reads nothing while there is something to write.")
    @WithDefault("300s")
    Duration writeTimeout();

    @Meaning("HTTP/2 streams that a client may have open at once.")
    @WithDefault("100")
    int concurrentStreams();

    @Meaning("HTTP/2 flow-control window of a stream.")
    @WithDefault("64K")
    MemorySize streamWindowBytes();

    @Meaning("HTTP/2 flow-control window of a connection.")
    @WithDefault("1M")
    MemorySize connectionWindowBytes();

    @Meaning("Requests after which a connection is closed, or 0 for no bound.")
    @WithDefault("0")
    int requestsPerConnection();
}
