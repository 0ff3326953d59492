package io.sallyport.config.problem;

import static io.sallyport.config.problem.Severity.ERROR;
import static io.sallyport.config.problem.Severity.WARNING;

/// `SAL2xxx`: what is wrong within one resource, as Istio's validation has it.
public enum ResourceProblem implements ProblemCode {
    BAD_HOST(2001, ERROR, "not a host name", "Labels of letters, digits and -, with dots between them (RFC 1123)."),
    BAD_WILDCARD(2002, ERROR, "wildcard not allowed here", "A wildcard is * alone, or *. before a name."),
    OVERLAPPING_HOSTS(2003, ERROR, "hosts overlap", "One resource names the same host twice, or by a wildcard too."),
    BAD_PORT(2004, ERROR, "not a port", "1 to 65535."),
    BAD_NAME(2005, ERROR, "not a name", "At most 63 letters, digits and -, the first and last not - (RFC 1123)."),
    BAD_LABEL(2006, ERROR, "not a label", "Kubernetes' syntax for labels."),
    BAD_ADDRESS(2007, ERROR, "not an IP address", "IPv4 or IPv6; a range has a slash and the prefix length."),
    BAD_REGEX(2008, ERROR, "not a regular expression", "RE2 syntax, at most 1024 characters."),
    EMPTY_MATCH(2009, ERROR, "empty match", "An empty prefix or regular expression matches everything; leave it out."),
    BAD_TIME(2010, ERROR, "duration out of range", "At least 1ms, in whole milliseconds."),
    BAD_PERCENTAGE(2011, ERROR, "percentage out of range", "0 to 100."),
    BAD_EXPORT(2012, ERROR, "exportTo is contradictory", "Namespaces, or . for this one, or * alone."),
    BAD_HEADER_NAME(2013, ERROR, "not a header that may be used here", "A field name (RFC 9110, 5.1)."),
    BAD_HEADER_VALUE(2014, ERROR, "not a header value", "No control characters; a percent sign is written %%."),
    DUPLICATE_NAME(2015, ERROR, "name given twice", "Names and numbers of ports, and names of subsets, are unique."),
    NEGATIVE(2016, ERROR, "negative number", "The number counts something."),
    DEPRECATED(2017, WARNING, "deprecated field", "It is read; Istio advises another field."),
    BAD_SELECTOR(2018, ERROR, "selector is wrong", "Labels without wildcards; an empty selector selects all."),

    NO_ROUTES(2101, ERROR, "VirtualService without routes", "At least one of http, tls and tcp."),
    NO_ACTION(2102, ERROR, "route without an action", "One of route, redirect, directResponse and delegate."),
    ACTIONS_CONFLICT(2103, ERROR, "actions exclude each other", "One of route, redirect, directResponse and delegate."),
    BAD_WEIGHTS(2104, ERROR, "weights are wrong", "Not negative, and not all 0 where there are several."),
    BAD_REDIRECT(2105, ERROR, "redirect is wrong", "uri or prefixRewrite; 301, 302, 303, 307 or 308; http or https."),
    BAD_STATUS(2106, ERROR, "not an HTTP status", "200 to 599."),
    BODY_TOO_LARGE(2107, ERROR, "body too large", "At most 1 MiB."),
    BAD_REWRITE(2108, ERROR, "rewrite is wrong", "One of uri and uriRegexRewrite, perhaps with authority."),
    BAD_RETRY(2109, ERROR, "retries are wrong", "Conditions that Istio knows, and status codes, separated by commas."),
    BAD_FAULT(2110, ERROR, "fault is wrong", "A fixed delay, an abort by HTTP or gRPC status, or both."),
    BAD_MIRROR(2111, ERROR, "mirror is wrong", "One of mirror and mirrors."),
    BAD_CORS(2112, ERROR, "corsPolicy is wrong", "Methods and header names, or *; origins that are not empty."),
    BAD_DELEGATE(
            2113, ERROR, "delegate is wrong", "A delegate has no hosts, gateways, tls, tcp or delegates of its own."),
    AUTHORITY_TWICE(2114, ERROR, "authority set twice", "By rewrite.authority or by a header operation, not both."),
    SNI_OUTSIDE_HOSTS(
            2115, ERROR, "SNI outside the hosts", "Each SNI is one of the VirtualService's hosts or within one."),
    SNI_ADDRESS(
            2126,
            WARNING,
            "SNI is an address",
            "A server name is a DNS name (RFC 6066, 3): the route is for clients that send an address against that."),
    BAD_GATEWAY_NAME(2116, ERROR, "not a gateway's name", "name, namespace/name or mesh."),
    CLAIM_MATCH(
            2117,
            ERROR,
            "match by JWT claim is not supported yet",
            "Without RequestAuthentication no claim is trustworthy, so the route is refused."),
    USELESS_RETRY(
            2118,
            WARNING,
            "retry setting without effect",
            "A try cannot last longer than the request; some of Istio's conditions are never met here."),
    FILTER_UNUSED(2119, WARNING, "filter is not used", "corsPolicy and mirrors are for routes that forward."),
    FAULT_UNUSED(2120, WARNING, "fault without effect", "A delay needs fixedDelay, an abort httpStatus or grpcStatus."),
    BAD_AUTHORITY(
            2124,
            ERROR,
            "not an authority",
            "host, host:port or [address]:port: ASCII letters, digits, -, ., _ and ~ (RFC 3986, 3.2)."),
    BLANK_PATH(
            2125,
            WARNING,
            "path of blanks",
            "It stands for an empty path: what was matched is removed. Write / where that is meant."),
    BODY_NOT_SENT(
            2127,
            WARNING,
            "body is not sent",
            "A response with status 204, 205 or 304 has no content (RFC 9110, 15): another status, or no body."),

    NO_SERVERS(2201, ERROR, "Gateway without servers", "At least one."),
    NO_HOSTS(2202, ERROR, "no hosts", "At least one; * for all."),
    BAD_SERVER_HOST(2203, ERROR, "not a server's host", "host, namespace/host, ./host or */host; not a short name."),
    TLS_REQUIRED(2204, ERROR, "tls is missing", "HTTPS and TLS ports need tls."),
    TLS_FORBIDDEN(
            2205, ERROR, "tls on a plain port", "A plain HTTP port may have tls.httpsRedirect only, others none."),
    CERTIFICATE_CONFLICT(
            2206,
            ERROR,
            "several sources of certificates",
            "credentialName or credentialNames, else tlsCertificates or files."),
    CERTIFICATE_MISSING(2207, ERROR, "no certificate", "credentialName, or serverCertificate and privateKey."),
    CLIENT_CA_MISSING(2208, ERROR, "no client CA", "MUTUAL needs caCertificates or a credential that has ca.crt."),
    CERTIFICATE_UNUSED(
            2209,
            WARNING,
            "certificate is not used",
            "Passthrough does not end TLS, ISTIO_MUTUAL uses the gateway's own identity, and a credential goes before files."),
    REDIRECT_UNUSED(2210, WARNING, "httpsRedirect is not used", "It is for plain HTTP ports."),
    BAD_TLS_VERSION(2211, ERROR, "TLS versions are wrong", "The minimum is not above the maximum; TLS 1.2 at least."),
    OLD_TLS_VERSION(2212, WARNING, "TLS version is not served", "TLS 1.0 and 1.1 are broken; 1.2 is the least."),
    BAD_CIPHER(2213, WARNING, "cipher suite is ignored", "Unknown, or given twice."),
    BAD_CRL(2214, ERROR, "caCrl is wrong", "For MUTUAL with files; a credential has its own ca.crl."),
    BAD_BIND(2215, ERROR, "bind is wrong", "An IP address, or unix:// and an absolute path or @name, without a port."),
    BAD_PIN(2216, ERROR, "not a SHA-256", "Base64 of 32 bytes for a key, 64 hex digits for a certificate."),
    BAD_SERVER_PROTOCOL(
            2217, ERROR, "protocol not for a Gateway", "HTTP, HTTPS, HTTP2, GRPC, GRPC-WEB, TCP, TLS, MONGO."),
    UNIX_BIND(
            2219,
            WARNING,
            "Unix socket is not served",
            "Istio accepts a server on a Unix socket; this gateway leaves it out."),
    UNUSED_TARGET_PORT(2218, ERROR, "targetPort is not for a Gateway", "It has no effect; delete it."),

    EMPTY_POLICY(2301, ERROR, "policy says nothing", "At least one setting."),
    BAD_LOAD_BALANCER(2302, ERROR, "loadBalancer is wrong", "See LoadBalancerSettings."),
    BAD_LOCALITY(
            2303, ERROR, "locality setting is wrong", "distribute or failover; shares of 1 to 100 that sum to 100."),
    BAD_OUTLIER(2304, ERROR, "outlierDetection is wrong", "See OutlierDetection."),
    BAD_POOL(2305, ERROR, "connectionPool is wrong", "See ConnectionPoolSettings."),
    BAD_CLIENT_TLS(2306, ERROR, "tls is wrong", "MUTUAL needs a certificate; credentialName excludes files."),
    BAD_TUNNEL(2307, ERROR, "tunnel is wrong", "CONNECT or POST; excludes proxyProtocol."),
    UNVERIFIED_TLS(
            2308,
            WARNING,
            "peer is not verified",
            "insecureSkipVerify lets anybody answer for the upstream, or in as a client."),

    BAD_RESOLUTION(2401, ERROR, "resolution does not fit", "NONE has no endpoints, DNS_ROUND_ROBIN one at most."),
    BAD_ENDPOINT(2402, ERROR, "endpoint is wrong", "An IP address, or a host name with DNS resolution."),
    SELECTOR_AND_ENDPOINTS(2403, ERROR, "workloadSelector and endpoints", "One of the two."),
    TCP_HOSTS(2404, ERROR, "several hosts on a TCP port", "Plain TCP does not say which host is meant."),
    BAD_HEALTH_CHECK(
            2405,
            ERROR,
            "annotation sallyport.io/health-check is wrong",
            "A mapping: type (http, grpc or tcp), path, service, port, interval, timeout, healthyThreshold,"
                    + " unhealthyThreshold."),

    ADDRESSES_NEEDED(
            2406,
            WARNING,
            "ServiceEntry addresses required",
            "A client that is redirected to the gateway asks for a TCP service, or one without a protocol, by its address only;"
                    + " addresses are not allocated here. Without them it is reached by CONNECT or by a route."),
    ADDRESSES_SHARED(
            2407,
            WARNING,
            "several hosts at one address",
            "By address alone the hosts cannot be told apart. One ServiceEntry a host can."),

    NOT_ENFORCED(
            2900,
            WARNING,
            "read, not enforced yet",
            "The field is read and checked; the gateway does not act on it yet.");

    private final int number;
    private final Severity severity;
    private final String title;
    private final String doc;

    ResourceProblem(int number, Severity severity, String title, String doc) {
        this.number = number;
        this.severity = severity;
        this.title = title;
        this.doc = doc;
    }

    @Override
    public String id() {
        return "SAL" + number;
    }

    @Override
    public Severity severity() {
        return severity;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public String doc() {
        return doc;
    }
}
