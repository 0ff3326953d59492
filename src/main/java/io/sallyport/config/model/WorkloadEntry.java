package io.sallyport.config.model;

import java.util.Map;

/// `WorkloadEntry`: one endpoint of a [ServiceEntry].
///
/// @param address an IP address, a host name (with DNS resolution) or `unix://` and a path; `""` where only a network
///     is given
/// @param ports by the service port's name; what is missing has the service's target port
/// @param weight relative; 0 is absent and means 1
public record WorkloadEntry(
        String address,
        Map<String, Integer> ports,
        Map<String, String> labels,
        String network,
        String locality,
        int weight,
        String serviceAccount,
        Position at) {
    /// Whether it has each of these labels, as those of a subset.
    public boolean carries(Map<String, String> wanted) {
        return labels.entrySet().containsAll(wanted.entrySet());
    }
}
