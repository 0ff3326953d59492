package io.sallyport.deploy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import java.util.Map;

/// What is used of the Prometheus operator's resource; its spec is a file of rules as Prometheus reads it.
@Group("monitoring.coreos.com")
@Version("v1")
final class PrometheusRule extends CustomResource<PrometheusRule.Spec, Void> {
    record Spec(List<RuleGroup> groups) {}

    record RuleGroup(String name, List<Rule> rules) {}

    /// @param lasting null for at once
    record Rule(
            String alert,
            String expr,

            @JsonProperty("for") @JsonInclude(JsonInclude.Include.NON_NULL)
            String lasting,

            Map<String, String> labels,
            Map<String, String> annotations) {}
}
