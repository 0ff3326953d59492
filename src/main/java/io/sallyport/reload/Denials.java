package io.sallyport.reload;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Policies that deny what a resource has protected that is left out. They have its name, with `(left out)` behind it.
final class Denials {
    private static final String LEFT_OUT = " (left out)";

    private Denials() {}

    /// @param name of what is left out
    /// @param selector null for all of the namespace
    static AuthorizationPolicy of(
            String namespace,
            String name,
            @Nullable Map<String, String> selector,
            List<TargetRef> targets,
            List<Rule> rules,
            Position at) {
        ResourceMeta meta = meta(ResourceKind.AUTHORIZATION_POLICY, name + LEFT_OUT, namespace, at);
        return new AuthorizationPolicy(meta, selector, targets, Action.DENY, "", rules);
    }

    static ResourceMeta meta(ResourceKind kind, String name, String namespace, Position at) {
        return new ResourceMeta(kind, kind.group().domain() + "/v1", name, namespace, Map.of(), Map.of(), at);
    }

    /// A host as a rule has it: a client may name any port.
    static Stream<String> withPorts(String host) {
        return host.startsWith("*") ? Stream.of(host) : Stream.of(host, host + ":*");
    }
}
