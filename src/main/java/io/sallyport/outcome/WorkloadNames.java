package io.sallyport.outcome;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What metrics and logs call a workload, by Istio's labels. What is not known is `unknown`.
///
/// @param workload what runs it (a Deployment), else as its labels name it, else its service account
/// @param canonicalRevision `latest` where its labels name none
/// @param cluster null for the gateway's own
public record WorkloadNames(
        String workload,
        String namespace,
        String app,
        String version,
        String canonicalService,
        String canonicalRevision,
        @Nullable String cluster) {
    public static final String UNKNOWN = "unknown";

    private static final String CLUSTER = "topology.istio.io/cluster";
    private static final String WORKLOAD = "service.istio.io/workload-name";
    private static final String LATEST = "latest";
    private static final String ACCOUNT = "/sa/";
    private static final String[] CANONICAL = {"service.istio.io/canonical-name", "app.kubernetes.io/name", "app"};
    private static final String[] REVISIONS = {
        "service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"
    };

    /// @param labels of the workload
    /// @param namespace null where it is not known
    /// @param owner what runs it, null where that is not known
    /// @param account the service account's name, null where it is not known
    /// @return null where nothing at all is known
    public static @Nullable WorkloadNames of(
            Map<String, String> labels, @Nullable String namespace, @Nullable String owner, @Nullable String account) {
        if (labels.isEmpty() && namespace == null && owner == null && account == null) {
            return null;
        }
        String byLabels = owner == null ? first(labels, CANONICAL, account == null ? UNKNOWN : account) : owner;
        String workload = labels.getOrDefault(WORKLOAD, byLabels);
        return new WorkloadNames(
                workload,
                namespace == null ? UNKNOWN : namespace,
                labels.getOrDefault("app", UNKNOWN),
                labels.getOrDefault("version", UNKNOWN),
                first(labels, CANONICAL, workload),
                first(labels, REVISIONS, LATEST),
                labels.get(CLUSTER));
    }

    /// The service account of an identity, `spiffe://<trust domain>/ns/<namespace>/sa/<account>`; null for any other.
    public static @Nullable String account(@Nullable String identity) {
        int at = identity == null ? -1 : identity.indexOf(ACCOUNT);
        if (identity == null || at < 0) {
            return null;
        }
        int end = identity.indexOf('/', at + ACCOUNT.length());
        return identity.substring(at + ACCOUNT.length(), end < 0 ? identity.length() : end);
    }

    private static String first(Map<String, String> labels, String[] keys, String otherwise) {
        for (String key : keys) {
            String value = labels.get(key);
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        return otherwise;
    }
}
