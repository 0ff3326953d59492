package io.sallyport.cli;

import io.sallyport.config.problem.Problem;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.reload.ResourceState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What `serve` would do about errors.
final class Consequences {
    static final Consequences NONE = new Consequences(Map.of(), null);

    /// By the error, as text.
    private final Map<String, String> byError;
    private final @Nullable String ofAll;

    private Consequences(Map<String, String> byError, @Nullable String ofAll) {
        this.byError = byError;
        this.ofAll = ofAll;
    }

    /// @param read with errors, each on its own
    static Consequences of(ConfigurationSource.Read read) {
        if (read.isRefused()) {
            return new Consequences(Map.of(), "the configuration is refused as a whole");
        }
        Map<String, String> byError = new HashMap<>();
        for (ResourceState fault : read.faults()) {
            byError.merge(
                    String.valueOf(fault.because()),
                    fault.shown() + " is held at its last version, or left out where none was served: "
                            + without(fault),
                    (one, other) -> one + "; " + other);
        }
        return new Consequences(byError, null);
    }

    /// What a process that starts with this configuration makes of each resource that it does not serve as written.
    static List<String> ofFaults(ConfigurationSource.Read read) {
        return read.faults().stream()
                .flatMap(fault -> fault.state() == ResourceState.State.HELD
                        ? Stream.of(fault.words())
                        : Stream.of(
                                fault.shown() + " is left out: " + without(fault), "    because: " + fault.because()))
                .toList();
    }

    private static String without(ResourceState fault) {
        return switch (fault.kind()) {
            case "VirtualService" -> "its hosts answer 404";
            case "Gateway" -> "its servers are closed";
            case "ServiceEntry" -> "its hosts answer 503";
            case "DestinationRule" -> "its hosts answer 503 where it orders TLS, and are reached without it elsewhere";
            case "AuthorizationPolicy", "RequestAuthentication", "PeerAuthentication" -> "what it is for answers 403";
            case "File" -> "where it may hold policies, what these are for answers 403";
            default -> "what it says does not apply";
        };
    }

    /// What becomes of what an error costs its version; null for an error that costs nothing more than others do.
    @Nullable
    String of(Problem problem) {
        return problem.isError() && ofAll != null ? ofAll : byError.get(problem.toString());
    }
}
