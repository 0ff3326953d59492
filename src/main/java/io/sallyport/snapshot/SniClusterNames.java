package io.sallyport.snapshot;

import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The server names of AUTO_PASSTHROUGH, as Istio's gateways between networks use them, which are the names of its
/// clusters: `outbound_.8080_.v1_.payments.default.svc.cluster.local`.
public final class SniClusterNames {
    private static final Pattern SEPARATOR = Pattern.compile("_\\.");
    private static final int PARTS = 4;

    private static final int MOST_PORT_DIGITS = 5;
    private static final int MAX_PORT = 65_535;

    /// In place of a cluster's name: a listed service has no other ports and subsets than those that are listed.
    public static final String LISTED = "";

    private SniClusterNames() {}

    /// Where a server name leads.
    ///
    /// @param cluster by name; there need not be one
    /// @param host that is meant where the cluster leaves it open, else null
    /// @param port that is meant with the host
    public record Target(String cluster, @Nullable String host, int port) {}

    /// @param serverName in lower case
    /// @param known whether there is a cluster of that name
    public static Target target(String serverName, Predicate<String> known, FilterChain.SniCluster chain) {
        Target listed = new Target(serverName, null, 0);
        String[] parts = SEPARATOR.split(serverName, PARTS);
        if (parts.length < PARTS || !parts[0].equals("outbound") || known.test(serverName)) {
            return listed;
        }
        // DNS has no labels, so what only DNS knows has no subsets.
        int port = parts[2].isEmpty() ? port(parts[1]) : 0;
        String unlisted = port == 0 ? null : chain.unlisted().lookup(parts[3]);
        return unlisted == null || unlisted.equals(LISTED) ? listed : new Target(unlisted, parts[3], port);
    }

    /// 1 to 65535, or 0.
    private static int port(String digits) {
        boolean number = digits.length() <= MOST_PORT_DIGITS
                && !digits.isEmpty()
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = number ? Integer.parseInt(digits) : 0;
        return port <= MAX_PORT ? port : 0;
    }
}
