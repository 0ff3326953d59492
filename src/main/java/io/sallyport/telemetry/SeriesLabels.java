package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.outcome.WorkloadNames;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One combination of label values under which requests or connections are counted.
///
/// @param grpcStatus 0 to 16, or -1 where the response is not gRPC or names none
/// @param peer the endpoint's verified SPIFFE id
/// @param own the SPIFFE id that it was shown
/// @param source the mesh client's workload; null where the gateway itself is the source
/// @param client the mesh client's verified identity
/// @param service of the destination, for its namespace
/// @param destination the endpoint's workload
/// @param security Istio's `connection_security_policy`
record SeriesLabels(
        Protocol protocol,
        @Nullable String host,
        @Nullable String subset,
        @Nullable String peer,
        @Nullable String own,
        @Nullable WorkloadNames source,
        @Nullable String client,
        @Nullable WorkloadNames service,
        @Nullable WorkloadNames destination,
        String security,
        int status,
        @Nullable ResponseFlag faultFlag,
        @Nullable ResponseFlag flag,
        @Nullable ResponseFlag retryFlag,
        int grpcStatus)
        implements ShownLabels {

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

    static final String UNKNOWN = WorkloadNames.UNKNOWN;
    static final WorkloadNames NOBODY =
            new WorkloadNames(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);

    /// What is counted as one when there are too many combinations.
    static SeriesLabels overflow(Protocol protocol) {
        return new SeriesLabels(
                protocol, "overflow", null, null, null, null, null, null, null, UNKNOWN, 0, null, null, null, -1);
    }

    static SeriesLabels of(Protocol protocol, RequestFacts facts, int grpcStatus) {
        return new SeriesLabels(
                protocol,
                facts.destination.host(),
                facts.destination.subset(),
                facts.endpoint.principal(),
                facts.endpoint.ownPrincipal(),
                facts.source,
                client(facts),
                facts.destination.service(),
                facts.endpoint.workload(),
                security(facts),
                facts.status,
                facts.faultFlag,
                facts.flag,
                facts.retryFlag,
                grpcStatus);
    }

    /// Clients of Gateways are not told apart: there may be very many.
    private static @Nullable String client(RequestFacts facts) {
        return facts.source == null ? null : facts.client.principal();
    }

    /// At Istio only who serves the client's connection knows how it is secured (`istio_stats`, ServerGateway): here
    /// the mesh listener, on which clients are the source. Of a source itself it is unknown.
    private static String security(RequestFacts facts) {
        return facts.egress.host() == null ? UNKNOWN : facts.client.verified() ? "mutual_tls" : "none";
    }

    /// A hash of what [#matches] compares, without making labels first.
    static int hash(Protocol protocol, RequestFacts facts, int grpcStatus) {
        int hash = facts.status * 31 + grpcStatus;
        hash = hash * 31 + protocol.ordinal();
        hash = hash * 31 + (facts.faultFlag == null ? -1 : facts.faultFlag.ordinal());
        hash = hash * 31 + (facts.flag == null ? -1 : facts.flag.ordinal());
        hash = hash * 31 + (facts.retryFlag == null ? -1 : facts.retryFlag.ordinal());
        hash = hash * 31 + Objects.hashCode(facts.destination.host());
        hash = hash * 31 + Objects.hashCode(facts.destination.subset());
        hash = hash * 31 + Objects.hashCode(facts.endpoint.principal());
        hash = hash * 31 + Objects.hashCode(facts.source);
        hash = hash * 31 + Objects.hashCode(client(facts));
        hash = hash * 31 + Objects.hashCode(facts.endpoint.workload());
        hash = hash * 31 + security(facts).hashCode();
        return hash ^ hash >>> 16;
    }

    boolean matches(Protocol wanted, RequestFacts facts, int grpc) {
        return protocol == wanted
                && status == facts.status
                && faultFlag == facts.faultFlag
                && flag == facts.flag
                && retryFlag == facts.retryFlag
                && grpcStatus == grpc
                && Objects.equals(host, facts.destination.host())
                && Objects.equals(subset, facts.destination.subset())
                && Objects.equals(peer, facts.endpoint.principal())
                && Objects.equals(own, facts.endpoint.ownPrincipal())
                && Objects.equals(source, facts.source)
                && Objects.equals(client, client(facts))
                && Objects.equals(service, facts.destination.service())
                && Objects.equals(destination, facts.endpoint.workload())
                && security.equals(security(facts));
    }

    /// Requests have two more than connections.
    @Override
    public void write(InstanceLabels instance, LabelSink out) {
        out.label("reporter", "source")
                .label("source_principal", sourcePrincipal())
                .label("destination_principal", orUnknown(peer))
                .label("destination_service", orUnknown(host))
                .label("destination_service_name", serviceName())
                .label("destination_service_namespace", service == null ? UNKNOWN : service.namespace())
                .label("destination_version", destinationVersion())
                .label("request_protocol", protocol.label)
                .label("response_flags", ResponseFlag.text(faultFlag, flag, retryFlag))
                .label("connection_security_policy", security);
        writeSource(source == null ? instance.names() : source, instance, out);
        writeDestination(destination == null ? NOBODY : destination, instance, out);
        if (protocol != Protocol.TCP) {
            out.label("response_code", Integer.toString(status))
                    .label("grpc_response_status", grpcStatus < 0 ? "" : Integer.toString(grpcStatus));
        }
    }

    @Override
    public Outcome outcome() {
        return new Outcome(Integer.toString(status), Integer.toString(grpcStatus));
    }

    private static void writeSource(WorkloadNames names, InstanceLabels instance, LabelSink out) {
        out.label("source_workload", names.workload())
                .label("source_workload_namespace", names.namespace())
                .label("source_app", names.app())
                .label("source_version", names.version())
                .label("source_canonical_service", names.canonicalService())
                .label("source_canonical_revision", names.canonicalRevision())
                .label("source_cluster", cluster(names, instance));
    }

    private static void writeDestination(WorkloadNames names, InstanceLabels instance, LabelSink out) {
        out.label("destination_workload", names.workload())
                .label("destination_workload_namespace", names.namespace())
                .label("destination_app", names.app())
                .label("destination_canonical_service", names.canonicalService())
                .label("destination_canonical_revision", names.canonicalRevision())
                .label("destination_cluster", cluster(names, instance));
    }

    private static String cluster(WorkloadNames names, InstanceLabels instance) {
        return names.cluster() == null ? instance.cluster() : names.cluster();
    }

    private String sourcePrincipal() {
        return orUnknown(source != null ? client : own);
    }

    /// Of the endpoint or, where its labels have none, the subset.
    private String destinationVersion() {
        boolean known = destination != null && !destination.version().equals(UNKNOWN);
        return known && destination != null ? destination.version() : orUnknown(subset);
    }

    private String serviceName() {
        if (host == null) {
            return UNKNOWN;
        }
        int dot = dotBeforeNamespace(host);
        return dot < 0 ? host : host.substring(0, dot);
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
