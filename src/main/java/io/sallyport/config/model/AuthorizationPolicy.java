package io.sallyport.config.model;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// `security.istio.io` AuthorizationPolicy: who may call what.
///
/// @param selector labels of the workloads it applies to; null for every workload of its namespace, or of the mesh in
///     the root namespace
/// @param targets what it is attached to instead of workloads, `targetRef` and `targetRefs`; empty for workloads
/// @param provider `provider.name` of an external authorizer; empty where there is none
/// @param rules any of which applies it; empty for ALLOW is a policy that allows nothing
public record AuthorizationPolicy(
        ResourceMeta meta,
        @Nullable Map<String, String> selector,
        List<TargetRef> targets,
        Action action,
        String provider,
        List<Rule> rules)
        implements AttachedPolicy {
    /// The annotation of a policy that is only judged and reported.
    public static final String DRY_RUN = "istio.io/dry-run";

    /// As Go's `strconv.ParseBool` has them, by which Istio reads the annotation.
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False");

    /// `AuthorizationPolicy.Action`.
    public enum Action {
        ALLOW,
        DENY,
        AUDIT,
        CUSTOM
    }

    /// `PolicyTargetReference`.
    ///
    /// @param group empty for `core`
    public record TargetRef(String group, String kind, String name, String namespace, Position at) {}

    /// Applies where any of `from`, any of `to` and all of `when` hold; an empty list holds always.
    public record Rule(List<Source> from, List<Operation> to, List<Condition> when, Position at) {
        /// Whether it never applies without what these ask for: each of its sources does, or one of its conditions with
        /// values.
        public boolean wants(Predicate<Source> ofSource, Predicate<Condition> ofCondition) {
            return (!from.isEmpty() && from.stream().allMatch(ofSource))
                    || when.stream()
                            .anyMatch(condition -> ofCondition.test(condition)
                                    && !condition.values().any().isEmpty());
        }
    }

    /// `Source`: all of its lists that are not empty must hold, each by any of its values.
    public record Source(
            Values principals,
            Values requestPrincipals,
            Values namespaces,
            Values serviceAccounts,
            Values trustDomains,
            Values ipBlocks,
            Values remoteIpBlocks,
            Position at) {}

    /// `Operation`.
    public record Operation(Values hosts, Values ports, Values methods, Values paths, Position at) {}

    /// `Condition`.
    public record Condition(String key, Values values, Position at) {}

    /// A field and its negation: any of the first, none of the others. Both empty is no condition.
    public record Values(List<String> any, List<String> none) {
        public static final Values NONE = new Values(List.of(), List.of());

        public boolean isEmpty() {
            return any.isEmpty() && none.isEmpty();
        }
    }

    /// Whether it is only judged and reported (annotation `istio.io/dry-run`).
    public boolean isDryRun() {
        return TRUE.contains(meta.annotations().getOrDefault(DRY_RUN, ""));
    }

    /// Whether [#DRY_RUN] may have that value.
    public static boolean isBoolean(String annotation) {
        return TRUE.contains(annotation) || FALSE.contains(annotation);
    }
}
