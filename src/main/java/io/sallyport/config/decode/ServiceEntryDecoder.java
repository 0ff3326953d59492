package io.sallyport.config.decode;

import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.WorkloadEntry;
import io.sallyport.config.yaml.ObjectReader;
import io.sallyport.config.yaml.Place;

/// networking/v1/service_entry.proto and workload_entry.proto.
final class ServiceEntryDecoder {
    private ServiceEntryDecoder() {}

    static ServiceEntry read(ResourceMeta meta, ObjectReader spec, Place document) {
        return new ServiceEntry(
                meta,
                spec.texts("hosts"),
                spec.texts("addresses"),
                spec.objects("ports", ServiceEntryDecoder::port),
                spec.constant("location", ServiceEntry.Location.values()),
                spec.constant("resolution", ServiceEntry.Resolution.values()),
                spec.objects("endpoints", ServiceEntryDecoder::endpoint),
                spec.object("workloadSelector", selector -> selector.textMap("labels")),
                spec.texts("exportTo"),
                spec.texts("subjectAltNames"),
                HealthCheckDecoder.read(document));
    }

    private static ServicePort port(ObjectReader in) {
        return new ServicePort(
                in.requiredUint32("number"),
                Protocols.read(in, false),
                in.requiredText("name"),
                in.uint32("targetPort"),
                in.at());
    }

    private static WorkloadEntry endpoint(ObjectReader in) {
        return new WorkloadEntry(
                in.text("address"),
                in.uint32Map("ports"),
                in.textMap("labels"),
                in.text("network"),
                in.text("locality"),
                in.uint32("weight"),
                in.text("serviceAccount"),
                in.at());
    }
}
