package io.sallyport.format;

import java.util.Map;

/// Envoy's command operators that the gateway knows the values of (Envoy, "Access logging", command operators).
public enum Operator {
    START_TIME(Takes.TIME, Gives.TIME),
    EMIT_TIME(Takes.TIME, Gives.TIME),
    REQ(Takes.FIELD),
    REQ_WITHOUT_QUERY(Takes.FIELD),
    RESP(Takes.FIELD),
    TRAILER(Takes.FIELD),
    PATH(Takes.PATH),
    QUERY_PARAM(Takes.NAME),
    QUERY_PARAMS(Takes.QUERY),
    PROTOCOL,
    RESPONSE_CODE(Gives.NUMBER),
    RESPONSE_CODE_DETAILS,
    RESPONSE_FLAGS,
    RESPONSE_FLAGS_LONG,
    CONNECTION_TERMINATION_DETAILS,
    GRPC_STATUS(Takes.GRPC),
    GRPC_STATUS_NUMBER(Gives.NUMBER),
    BYTES_RECEIVED(Gives.NUMBER),
    BYTES_SENT(Gives.NUMBER),
    DURATION(Gives.NUMBER),
    REQUEST_DURATION(Gives.NUMBER),
    REQUEST_TX_DURATION(Gives.NUMBER),
    RESPONSE_DURATION(Gives.NUMBER),
    RESPONSE_TX_DURATION(Gives.NUMBER),
    COMMON_DURATION(Takes.SPAN, Gives.NUMBER),
    ROUTE_NAME,
    VIRTUAL_CLUSTER_NAME,
    UPSTREAM_HOST,
    UPSTREAM_REMOTE_ADDRESS,
    UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT,
    UPSTREAM_REMOTE_PORT(Gives.NUMBER),
    UPSTREAM_CLUSTER,
    UPSTREAM_CLUSTER_RAW,
    UPSTREAM_LOCAL_ADDRESS(Gives.ADDRESS),
    UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT,
    UPSTREAM_LOCAL_PORT(Gives.NUMBER),
    UPSTREAM_TRANSPORT_FAILURE_REASON,
    UPSTREAM_REQUEST_ATTEMPT_COUNT(Gives.NUMBER),
    UPSTREAM_PROTOCOL,
    UPSTREAM_PEER_URI_SAN,
    UPSTREAM_LOCAL_URI_SAN,
    DOWNSTREAM_REMOTE_ADDRESS(Gives.ADDRESS),
    DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT,
    DOWNSTREAM_REMOTE_PORT(Gives.NUMBER),
    DOWNSTREAM_LOCAL_ADDRESS(Gives.ADDRESS),
    DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT,
    DOWNSTREAM_LOCAL_PORT(Gives.NUMBER),
    DOWNSTREAM_DIRECT_REMOTE_ADDRESS(Gives.ADDRESS),
    DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT,
    DOWNSTREAM_DIRECT_REMOTE_PORT(Gives.NUMBER),
    DOWNSTREAM_PEER_URI_SAN,
    DOWNSTREAM_PEER_DNS_SAN,
    DOWNSTREAM_PEER_SUBJECT,
    DOWNSTREAM_PEER_ISSUER,
    DOWNSTREAM_PEER_SERIAL,
    DOWNSTREAM_PEER_FINGERPRINT_256,
    DOWNSTREAM_PEER_FINGERPRINT_1,
    DOWNSTREAM_PEER_CERT_V_START(Takes.TIME, Gives.TIME),
    DOWNSTREAM_PEER_CERT_V_END(Takes.TIME, Gives.TIME),
    DOWNSTREAM_TLS_VERSION,
    DOWNSTREAM_TLS_CIPHER,
    REQUESTED_SERVER_NAME,
    CONNECTION_ID(Gives.NUMBER),
    FILTER_CHAIN_NAME,
    HOSTNAME,
    ENVIRONMENT(Takes.NAME),
    UNIQUE_ID,
    STREAM_ID,
    TRACE_ID,
    SPAN_ID;

    /// What stands in parentheses.
    enum Takes {
        NOTHING,
        TIME,
        FIELD,
        NAME,
        PATH,
        QUERY,
        GRPC,
        SPAN
    }

    /// What it is in JSON, and how it is found.
    public enum Gives {
        TEXT,
        NUMBER,
        ADDRESS,
        TIME
    }

    private static final String FILTERS = "there are no Envoy filters";
    private static final String UNCOUNTED =
            "bytes are counted of bodies alone; %BYTES_SENT% and %BYTES_RECEIVED% are known";

    /// Envoy's that have no value here, and why.
    private static final Map<String, String> UNKNOWN = Map.ofEntries(
            Map.entry("DYNAMIC_METADATA", FILTERS),
            Map.entry("CLUSTER_METADATA", FILTERS),
            Map.entry("UPSTREAM_METADATA", FILTERS),
            Map.entry("METADATA", FILTERS),
            Map.entry("FILTER_STATE", FILTERS),
            Map.entry("UPSTREAM_FILTER_STATE", FILTERS),
            Map.entry("CEL", "expressions are not evaluated in formats"),
            Map.entry("REQUEST_HEADERS_BYTES", UNCOUNTED),
            Map.entry("RESPONSE_HEADERS_BYTES", UNCOUNTED),
            Map.entry("RESPONSE_TRAILERS_BYTES", UNCOUNTED),
            Map.entry("UPSTREAM_WIRE_BYTES_SENT", UNCOUNTED),
            Map.entry("UPSTREAM_WIRE_BYTES_RECEIVED", UNCOUNTED),
            Map.entry("UPSTREAM_HEADER_BYTES_SENT", UNCOUNTED),
            Map.entry("UPSTREAM_HEADER_BYTES_RECEIVED", UNCOUNTED),
            Map.entry("DOWNSTREAM_WIRE_BYTES_SENT", UNCOUNTED),
            Map.entry("DOWNSTREAM_WIRE_BYTES_RECEIVED", UNCOUNTED),
            Map.entry("DOWNSTREAM_HEADER_BYTES_SENT", UNCOUNTED),
            Map.entry("DOWNSTREAM_HEADER_BYTES_RECEIVED", UNCOUNTED),
            Map.entry("LOCAL_REPLY_BODY", "what the gateway answers is not kept"));

    final Takes takes;
    private final Gives gives;

    Operator() {
        this(Takes.NOTHING, Gives.TEXT);
    }

    Operator(Takes takes) {
        this(takes, Gives.TEXT);
    }

    Operator(Gives gives) {
        this(Takes.NOTHING, gives);
    }

    Operator(Takes takes, Gives gives) {
        this.takes = takes;
        this.gives = gives;
    }

    /// Whether it is known only once the request has ended.
    public boolean isOfEnd() {
        return this == DURATION || this == RESPONSE_TX_DURATION || this == EMIT_TIME;
    }

    public Gives gives() {
        return gives;
    }

    /// @param at its place, from 0
    static Operator of(String name, int at) throws FormatException {
        for (Operator each : values()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        String why = UNKNOWN.get(name);
        if (why != null) {
            throw FormatException.at(at, "%" + name + "% has no value here: " + why + "; take it out");
        }
        throw FormatException.at(
                at,
                "%" + name + "% is not an operator that the gateway knows;"
                        + " those that there are: config/access-log.md; write %% for a percent sign");
    }
}
