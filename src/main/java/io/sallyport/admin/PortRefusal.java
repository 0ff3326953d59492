package io.sallyport.admin;

import java.util.Locale;

/// Why the health or admin port cannot be opened, and what to do.
final class PortRefusal {
    private PortRefusal() {}

    /// @param name of the port: `health` or `admin`
    /// @param cause as Java, Netty or Vert.x report it
    static String describe(String name, int port, Throwable cause) {
        String reason = String.valueOf(cause.getMessage());
        return "sallyport.%s.port=%d: %s; %sset SALLYPORT_%s_PORT to a free port"
                .formatted(
                        name,
                        port,
                        isInUse(reason)
                                ? "the port is in use by another process"
                                : "the port cannot be opened: " + reason,
                        isInUse(reason) ? "stop that process ('ss -ltnp' lists who listens), or " : "",
                        name.toUpperCase(Locale.ROOT));
    }

    private static boolean isInUse(String reason) {
        return reason.contains("in use");
    }
}
