package io.sallyport.deploy;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;

/// What is used of the Prometheus operator's resource.
@Group("monitoring.coreos.com")
@Version("v1")
final class ServiceMonitor extends CustomResource<ServiceMonitor.Spec, Void> {
    record Spec(LabelSelector selector, List<Endpoint> endpoints) {}

    record Endpoint(String port, String path, String interval) {}
}
