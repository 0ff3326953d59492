package io.sallyport.identity;

import java.util.List;
import java.util.Map;

/// Whether the workloads of one namespace are spoken to by the mesh's own mutual TLS (Istio: PeerAuthentication).
///
/// @param standard of workloads that none of the others selects
/// @param selected in their order: the first that selects a workload holds for it
public record PeerModes(Mode standard, List<Selected> selected) {
    /// What holds where nobody says anything.
    public static final PeerModes PERMISSIVE = new PeerModes(Mode.PERMISSIVE, List.of());

    public enum Mode {
        DISABLE,
        PERMISSIVE,
        STRICT
    }

    /// @param selector labels that a workload must have
    /// @param ports those with a mode of their own
    public record Selected(Map<String, String> selector, Mode mode, Map<Integer, Mode> ports) {
        public Selected {
            selector = Map.copyOf(selector);
            ports = Map.copyOf(ports);
        }
    }

    public PeerModes {
        selected = List.copyOf(selected);
    }

    /// @param labels of the workload
    /// @param port of the workload
    public Mode of(Map<String, String> labels, int port) {
        for (Selected each : selected) {
            if (labels.entrySet().containsAll(each.selector().entrySet())) {
                return each.ports().getOrDefault(port, each.mode());
            }
        }
        return standard;
    }
}
