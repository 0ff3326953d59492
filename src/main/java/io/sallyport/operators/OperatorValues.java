package io.sallyport.operators;

import io.sallyport.format.Command;
import io.sallyport.format.Command.Moment;
import io.sallyport.format.Command.Source;
import io.sallyport.format.FieldValues;
import io.sallyport.format.Operator;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What operators stand for, by the facts of a request.
public final class OperatorValues {
    private static final Path KERNEL_HOSTNAME = Path.of("/proc/sys/kernel/hostname");
    /// Looked up when it is first asked for: not while a native executable is built.
    private static volatile @Nullable String hostname;

    private OperatorValues() {}

    private static String hostname() {
        String name = hostname;
        if (name == null) {
            name = readHostname();
            hostname = name;
        }
        return name;
    }

    private static String readHostname() {
        try {
            return Files.readString(KERNEL_HOSTNAME).strip();
        } catch (IOException e) {
            String name = System.getenv("HOSTNAME");
            return name == null ? "" : name;
        }
    }

    /// -1 where there is none.
    public static long number(Command command, RequestFacts facts) {
        return switch (command.operator()) {
            case RESPONSE_CODE -> facts.status;
            case BYTES_RECEIVED -> facts.bytesReceived;
            case BYTES_SENT -> facts.bytesSent;
            case DURATION -> TimeUnit.NANOSECONDS.toMillis(facts.durationNanos);
            case REQUEST_DURATION -> millis(facts, Moment.DS_RX_BEG, Moment.DS_RX_END);
            case REQUEST_TX_DURATION -> millis(facts, Moment.DS_RX_BEG, Moment.US_TX_END);
            case RESPONSE_DURATION -> millis(facts, Moment.DS_RX_BEG, Moment.US_RX_BEG);
            case RESPONSE_TX_DURATION -> millis(facts, Moment.US_RX_BEG, Moment.DS_TX_END);
            case COMMON_DURATION -> span(command.span(), facts);
            case UPSTREAM_REQUEST_ATTEMPT_COUNT -> facts.attempts;
            case UPSTREAM_REMOTE_PORT -> AddressText.port(facts.endpoint.address());
            case UPSTREAM_LOCAL_PORT -> AddressText.port(facts.endpoint.local());
            case DOWNSTREAM_REMOTE_PORT -> AddressText.port(facts.client.remote());
            case DOWNSTREAM_LOCAL_PORT -> AddressText.port(facts.client.local());
            case DOWNSTREAM_DIRECT_REMOTE_PORT -> facts.log == null ? -1 : AddressText.port(facts.log.peer);
            case CONNECTION_ID -> facts.log == null ? -1 : facts.log.connectionId;
            case GRPC_STATUS_NUMBER -> GrpcStatusText.number(facts);
            default -> -1;
        };
    }

    private static long span(Command.@Nullable Span span, RequestFacts facts) {
        if (span == null) {
            return -1;
        }
        long nanos = facts.between(span.start(), span.end());
        return nanos < 0 ? -1 : nanos / span.unit();
    }

    private static long millis(RequestFacts facts, Moment start, Moment end) {
        long nanos = facts.between(start, end);
        return nanos < 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    /// Null where there is none.
    public static @Nullable SocketAddress address(Operator operator, RequestFacts facts) {
        return switch (operator) {
            case UPSTREAM_LOCAL_ADDRESS -> facts.endpoint.local();
            case DOWNSTREAM_REMOTE_ADDRESS -> facts.client.remote();
            case DOWNSTREAM_LOCAL_ADDRESS -> facts.client.local();
            case DOWNSTREAM_DIRECT_REMOTE_ADDRESS -> facts.log == null ? null : facts.log.peer;
            default -> null;
        };
    }

    /// Milliseconds since 1970; -1 where there is no such moment.
    public static long time(Operator operator, RequestFacts facts) {
        X509Certificate peer = facts.log == null ? null : facts.log.peerCertificate;
        return switch (operator) {
            case START_TIME -> facts.startMillis;
            case EMIT_TIME -> facts.startMillis + TimeUnit.NANOSECONDS.toMillis(facts.durationNanos);
            case DOWNSTREAM_PEER_CERT_V_START ->
                peer == null ? -1 : peer.getNotBefore().getTime();
            case DOWNSTREAM_PEER_CERT_V_END ->
                peer == null ? -1 : peer.getNotAfter().getTime();
            default -> -1;
        };
    }

    /// Null or empty where there is none.
    ///
    /// @param fields of the request and its response
    public static @Nullable CharSequence text(Command command, RequestFacts facts, FieldValues fields) {
        return switch (command.operator()) {
            case REQ, RESP, TRAILER -> field(command, facts, fields);
            case REQ_WITHOUT_QUERY -> TargetText.path(field(command, facts, fields));
            case PATH -> command.argument().startsWith("NQ") ? TargetText.path(facts.path) : facts.path;
            case QUERY_PARAM -> TargetText.parameter(facts.path, command.argument());
            case QUERY_PARAMS -> TargetText.query(facts.path);
            case PROTOCOL -> facts.protocol;
            case RESPONSE_CODE_DETAILS -> facts.details;
            case RESPONSE_FLAGS -> facts.flags();
            case RESPONSE_FLAGS_LONG -> longFlags(facts);
            case GRPC_STATUS -> GrpcStatusText.of(facts, command.argument());
            case ROUTE_NAME -> facts.routeName;
            case UPSTREAM_HOST, UPSTREAM_REMOTE_ADDRESS -> facts.endpoint.address();
            case UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT -> AddressText.host(facts.endpoint.address());
            case UPSTREAM_CLUSTER, UPSTREAM_CLUSTER_RAW -> facts.destination.cluster();
            case UPSTREAM_TRANSPORT_FAILURE_REASON -> facts.transportFailure;
            case UPSTREAM_PEER_URI_SAN -> facts.endpoint.principal();
            case UPSTREAM_LOCAL_URI_SAN -> facts.endpoint.ownPrincipal();
            case UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT -> AddressText.host(facts.endpoint.local());
            case DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT -> AddressText.host(facts.client.remote());
            case DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT -> AddressText.host(facts.client.local());
            case DOWNSTREAM_PEER_URI_SAN -> facts.client.principal();
            case REQUESTED_SERVER_NAME -> facts.client.serverName();
            case HOSTNAME -> hostname();
            case ENVIRONMENT -> System.getenv(command.argument());
            case UNIQUE_ID -> UUID.randomUUID().toString();
            case STREAM_ID -> facts.requestId;
            case TRACE_ID -> facts.trace == null ? null : facts.trace.idText();
            case SPAN_ID -> facts.trace == null ? null : facts.trace.spanIdText();
            default -> facts.log == null ? null : captured(command.operator(), facts.log);
        };
    }

    private static @Nullable CharSequence captured(Operator operator, LoggedFields log) {
        return switch (operator) {
            case UPSTREAM_PROTOCOL -> log.upstreamProtocol;
            case DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT -> AddressText.host(log.peer);
            case DOWNSTREAM_TLS_VERSION -> log.tlsVersion;
            case DOWNSTREAM_TLS_CIPHER -> log.tlsCipher;
            case FILTER_CHAIN_NAME -> log.filterChain;
            default -> log.peerCertificate == null ? null : ofCertificate(operator, log.peerCertificate);
        };
    }

    private static @Nullable String ofCertificate(Operator operator, X509Certificate peer) {
        return switch (operator) {
            case DOWNSTREAM_PEER_DNS_SAN -> CertificateText.dnsNames(peer);
            case DOWNSTREAM_PEER_SUBJECT -> peer.getSubjectX500Principal().getName();
            case DOWNSTREAM_PEER_ISSUER -> peer.getIssuerX500Principal().getName();
            case DOWNSTREAM_PEER_SERIAL -> peer.getSerialNumber().toString(16);
            case DOWNSTREAM_PEER_FINGERPRINT_256 -> CertificateText.fingerprint(peer, "SHA-256");
            case DOWNSTREAM_PEER_FINGERPRINT_1 -> CertificateText.fingerprint(peer, "SHA-1");
            // What nobody knows: CONNECTION_TERMINATION_DETAILS, VIRTUAL_CLUSTER_NAME.
            default -> null;
        };
    }

    private static String longFlags(RequestFacts facts) {
        return Stream.of(facts.faultFlag, facts.flag, facts.retryFlag)
                .filter(Objects::nonNull)
                .map(ResponseFlag::longName)
                .collect(Collectors.joining(","));
    }

    private static @Nullable CharSequence field(Command command, RequestFacts facts, FieldValues fields) {
        for (Source source : command.places()) {
            CharSequence value = field(source, facts, fields);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    private static @Nullable CharSequence field(Source source, RequestFacts facts, FieldValues fields) {
        return switch (source.kind()) {
            case METHOD -> facts.method.isEmpty() ? null : facts.method;
            case SCHEME -> facts.scheme.isEmpty() ? null : facts.scheme;
            case PATH -> facts.path.isEmpty() ? null : facts.path;
            case AUTHORITY -> facts.authority.isEmpty() ? null : facts.authority;
            case STATUS -> facts.status == 0 ? null : Integer.toString(facts.status);
            case SERVICE_TIME ->
                facts.upstreamServiceNanos < 0
                        ? null
                        : Long.toString(TimeUnit.NANOSECONDS.toMillis(facts.upstreamServiceNanos));
            case CAPTURED -> fields.at(source.place());
            case ABSENT -> null;
        };
    }
}
