package io.sallyport.runtime.settings;

import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/// Settings under `sallyport.discovery`: what is asked of the cluster itself.
public interface DiscoverySettings {
    @Meaning(
            "Discovers mesh services through the Kubernetes API: Services, EndpointSlices, Pods and, for regions, Nodes."
                    + " False: their names are looked up in DNS.")
    @WithDefault("false")
    boolean kubernetes();

    @Meaning(
            "ConfigMap, `namespace/name`, whose keys are the resource files: followed through the Kubernetes API, instead"
                    + " of `sallyport.config.dir`. Unset: the directory is read.")
    Optional<String> configMap();

    @Meaning(
            "Follows the Secrets that Gateways and DestinationRules name through the Kubernetes API, each by its name, in"
                    + " the resource's namespace and in `sallyport.namespace`. One that is in `sallyport.secrets.dir` is read there.")
    @WithDefault("false")
    boolean secrets();

    @Meaning(
            "Follows Istio's resources of all namespaces through the Kubernetes API, beside those of `sallyport.config.dir`,"
                    + " which may then be empty or absent: networking.istio.io, security.istio.io and telemetry.istio.io, v1.")
    @WithDefault("false")
    boolean resources();

    @Meaning(
            "Longest time that the start waits for the Kubernetes API. After that the gateway goes on trying and is not"
                    + " ready; without the ConfigMap or resources to read it ends.")
    @WithDefault("10s")
    Duration syncTimeout();
}
