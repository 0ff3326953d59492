package io.sallyport.proxy;

import java.util.HashMap;
import java.util.Map;

/// The copies of requests on one event loop that have not ended. Mirrors that do not answer must not eat up memory and
/// descriptors, nor what there is for other mirrors.
final class MirrorsUnderWay {
    private static final int MOST = 1024;
    private static final int MOST_OF_CLUSTER = 256;

    private final Map<String, Integer> byCluster = new HashMap<>();
    private int all;

    /// Whether one more copy may go to that cluster; if so, [#end] must follow.
    boolean begin(String cluster) {
        int others = byCluster.getOrDefault(cluster, 0);
        if (all >= MOST || others >= MOST_OF_CLUSTER) {
            return false;
        }
        all++;
        byCluster.put(cluster, others + 1);
        return true;
    }

    void end(String cluster) {
        all--;
        byCluster.computeIfPresent(cluster, (_, count) -> count > 1 ? count - 1 : null);
    }
}
