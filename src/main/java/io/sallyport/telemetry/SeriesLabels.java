package io.sallyport.telemetry;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One combination of label values under which requests or connections are counted.
///
/// @param grpcStatus 0 to 16, or -1 where the response is not gRPC or names none
/// @param peer the endpoint's verified SPIFFE id
record SeriesLabels(
        Protocol protocol,
        @Nullable String host,
        @Nullable String subset,
        @Nullable String peer,
        int status,
        @Nullable ResponseFlag faultFlag,
        @Nullable ResponseFlag flag,
        @Nullable ResponseFlag retryFlag,
        int grpcStatus) {

    /// Istio's `request_protocol`.
    enum Protocol {
        HTTP("http"),
        GRPC("grpc"),
        TCP("tcp");

        final String label;

        Protocol(String label) {
            this.label = label;
        }
    }

    static final String UNKNOWN = "unknown";

    /// Of connections; requests have two more.
    static final List<String> CONNECTION_NAMES = List.of(
            "reporter",
            "source_workload",
            "source_workload_namespace",
            "source_principal",
            "destination_principal",
            "destination_service",
            "destination_service_name",
            "destination_service_namespace",
            "destination_version",
            "request_protocol",
            "response_flags",
            "connection_security_policy");

    static final List<String> REQUEST_NAMES = java.util.stream.Stream.concat(
                    CONNECTION_NAMES.stream(), java.util.stream.Stream.of("response_code", "grpc_response_status"))
            .toList();

    /// What is counted as one when there are too many combinations.
    static SeriesLabels overflow(Protocol protocol) {
        return new SeriesLabels(protocol, "overflow", null, null, 0, null, null, null, -1);
    }

    static SeriesLabels of(Protocol protocol, RequestFacts facts, int grpcStatus) {
        return new SeriesLabels(
                protocol,
                facts.destinationHost,
                facts.destinationSubset,
                facts.upstreamPrincipal,
                facts.status,
                facts.faultFlag,
                facts.flag,
                facts.retryFlag,
                grpcStatus);
    }

    /// A hash of what [#matches] compares, without making labels first.
    static int hash(Protocol protocol, RequestFacts facts, int grpcStatus) {
        int hash = facts.status * 31 + grpcStatus;
        hash = hash * 31 + protocol.ordinal();
        hash = hash * 31 + (facts.faultFlag == null ? -1 : facts.faultFlag.ordinal());
        hash = hash * 31 + (facts.flag == null ? -1 : facts.flag.ordinal());
        hash = hash * 31 + (facts.retryFlag == null ? -1 : facts.retryFlag.ordinal());
        hash = hash * 31 + Objects.hashCode(facts.destinationHost);
        hash = hash * 31 + Objects.hashCode(facts.destinationSubset);
        hash = hash * 31 + Objects.hashCode(facts.upstreamPrincipal);
        return hash ^ hash >>> 16;
    }

    boolean matches(Protocol wanted, RequestFacts facts, int grpc) {
        return protocol == wanted
                && status == facts.status
                && faultFlag == facts.faultFlag
                && flag == facts.flag
                && retryFlag == facts.retryFlag
                && grpcStatus == grpc
                && Objects.equals(host, facts.destinationHost)
                && Objects.equals(subset, facts.destinationSubset)
                && Objects.equals(peer, facts.upstreamPrincipal);
    }

    /// The values of [#CONNECTION_NAMES] or [#REQUEST_NAMES].
    List<String> values(InstanceLabels instance) {
        var values = new java.util.ArrayList<String>(REQUEST_NAMES.size());
        values.add("source");
        values.add(instance.workload());
        values.add(instance.namespace());
        values.add(peer == null ? UNKNOWN : instance.principal());
        values.add(orUnknown(peer));
        values.add(orUnknown(host));
        values.add(serviceName());
        values.add(serviceNamespace());
        values.add(orUnknown(subset));
        values.add(protocol.label);
        values.add(ResponseFlag.text(faultFlag, flag, retryFlag));
        // Istio's own word for it where the source reports.
        values.add(UNKNOWN);
        if (protocol != Protocol.TCP) {
            values.add(Integer.toString(status));
            values.add(grpcStatus < 0 ? "" : Integer.toString(grpcStatus));
        }
        return List.copyOf(values);
    }

    private String serviceName() {
        if (host == null) {
            return UNKNOWN;
        }
        int dot = dotBeforeNamespace(host);
        return dot < 0 ? host : host.substring(0, dot);
    }

    private String serviceNamespace() {
        int dot = host == null ? -1 : dotBeforeNamespace(host);
        return host == null || dot < 0 ? UNKNOWN : host.substring(dot + 1, host.indexOf('.', dot + 1));
    }

    /// The first dot of `name.namespace.svc.…`; -1 where the host is no mesh service.
    private static int dotBeforeNamespace(String host) {
        int dot = host.indexOf('.');
        int svc = host.indexOf(".svc.");
        return dot > 0 && svc > dot && host.indexOf('.', dot + 1) == svc ? dot : -1;
    }

    private static String orUnknown(@Nullable String value) {
        return value == null ? UNKNOWN : value;
    }
}
