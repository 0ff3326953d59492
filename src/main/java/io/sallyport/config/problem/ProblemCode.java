package io.sallyport.config.problem;

import static io.sallyport.config.problem.Severity.INFO;
import static io.sallyport.config.problem.Severity.WARNING;

/// The kinds of problems: stable identifiers with their texts. A number is never reused for another meaning.
public enum ProblemCode {
    // Files, YAML and the shape of documents.
    FILE_UNREADABLE(
            1001, "file cannot be read", "Check the file's permissions, and that the link it may be leads somewhere."),
    FILE_TOO_LARGE(1002, "file too large", "One file may have 16 MiB; divide it."),
    NOT_UTF8(1003, "file is not UTF-8", "Save the file as UTF-8 without control characters."),
    BAD_YAML(1004, "broken YAML", "The text is not YAML 1.2, or ends too early."),
    DUPLICATE_KEY(1005, "duplicate key", "A mapping names the same key twice; YAML does not say which one counts."),
    TOO_DEEP(1006, "nested too deeply", "No Istio resource nests deeper than 64 levels."),
    TOO_MANY_NODES(1007, "too many nodes", "Aliases unfold to more than 2,000,000 nodes, or refer to themselves."),
    NOT_A_MAPPING(
            1008,
            "document is not a mapping",
            "A document is a Kubernetes resource: a mapping with apiVersion and kind."),
    BAD_KEY(1009, "key is not a string", "Quote the key."),
    UNKNOWN_TAG(1010, "unknown YAML tag", "Only the tags of YAML's core schema (!!str, !!int, ...) are known."),
    DIRECTORY_UNREADABLE(
            1011,
            "directory cannot be read",
            "The configuration directory is missing, not a directory or not readable."),
    DIRECTORY_EMPTY(1012, "no configuration files", "The directory holds no *.yaml, *.yml or *.json file."),
    DIRECTORY_UNSTABLE(
            1013,
            "directory changes while it is read",
            "It changed at each of several readings; write all files, then rename."),
    DIRECTORY_TOO_LARGE(1014, "too much configuration", "All files together may have 64 MiB, and be 10,000."),
    EMPTY_FILE(1015, "empty file", "A file without a byte is most likely half written; delete it if it is meant."),
    NO_DOCUMENT(1016, WARNING, "file without a document", "The file holds comments only."),
    TOO_MANY_PROBLEMS(1017, "more problems than are listed", "Mend those that are listed and validate again."),
    BAD_ALIAS(
            1018, "alias stands for nothing", "An alias stands for an anchor above it, outside of what it is part of."),
    NO_API_VERSION(1020, "apiVersion is missing or wrong", "Such as networking.istio.io/v1."),
    NO_KIND(1021, "kind is missing", "Such as VirtualService."),
    NO_NAME(1022, "metadata.name is missing or wrong", "A DNS name of lower-case letters, digits, - and dots."),
    SKIPPED_KIND(
            1023,
            WARNING,
            "kind is not read",
            "Sallyport reads Gateway, VirtualService, DestinationRule and ServiceEntry of networking.istio.io and"
                    + " AuthorizationPolicy, PeerAuthentication and RequestAuthentication of security.istio.io, and Telemetry. Whatever else"
                    + " is in the files is not looked into."),
    UNKNOWN_KIND(
            1024,
            "kind or group is most likely misspelt",
            "It is near to one that is read, and would not apply. In security.istio.io every unknown kind is an error."),
    UNKNOWN_VERSION(
            1025,
            "version of the group is unknown",
            "networking.istio.io has v1, v1beta1 and v1alpha3, security.istio.io v1 and v1beta1, telemetry.istio.io v1 and v1alpha1."),
    UNSUPPORTED_POLICY(
            1026,
            "security policy, or a part of one, is not supported yet",
            "Serving without it would allow what it denies, so what it is for is denied until it is mended."),
    DUPLICATE_RESOURCE(1027, "resource defined twice", "Kind, namespace and name must be unique in the directory."),
    NO_SPEC(1028, "spec is missing", "The resource says nothing; most likely its spec is indented wrongly."),
    NO_RESOURCES(1029, "no resources", "The files hold no Gateway, VirtualService, DestinationRule or ServiceEntry."),
    NO_FILE(
            1030,
            WARNING,
            "not a file",
            "A directory, a pipe or a device has a configuration file's name, as where a mount names a key that the ConfigMap does not have."),

    // Decoding of fields.
    UNKNOWN_FIELD(
            1101,
            "unknown field",
            "The field is not in Istio's API; it is refused because it would be ignored otherwise."),
    WRONG_TYPE(
            1102,
            "wrong type",
            "Such as a number where text is wanted; quote text that looks like a number or true/false."),
    UNKNOWN_VALUE(1103, "unknown value", "The field takes one of a list of values, in this very spelling."),
    BAD_DURATION(1104, "not a duration", "Such as 10ms, 1.5s, 2m or 1h30m."),
    OUT_OF_RANGE(1105, "number out of range", "The number does not fit the field's type."),
    MISSING_FIELD(1106, "required field is missing", "Istio requires the field."),
    ONE_OF(1107, "fields exclude each other", "At most one field of the group may be given."),
    NULL_ELEMENT(1108, "empty element", "A list's element or a map's value is null; most likely a value is missing."),
    BAD_BASE64(1109, "not base64", "Bytes are written in standard base64."),
    REMOVED_FIELD(1110, "field was removed", "Istio has removed the field from its API."),
    NULL_AS_EMPTY(
            1111,
            WARNING,
            "null where nothing is asked for",
            "As in Istio a match that is null takes every request, and a condition that is null asks for presence."),

    // Values within one resource, as Istio validates them.
    BAD_HOST(2001, "not a host name", "Labels of letters, digits and -, with dots between them (RFC 1123)."),
    BAD_WILDCARD(2002, "wildcard not allowed here", "A wildcard is * alone, or *. before a name."),
    OVERLAPPING_HOSTS(2003, "hosts overlap", "One resource names the same host twice, or by a wildcard too."),
    BAD_PORT(2004, "not a port", "1 to 65535; in an AuthorizationPolicy 0, too."),
    BAD_NAME(2005, "not a name", "At most 63 letters, digits and -, the first and last not - (RFC 1123)."),
    BAD_LABEL(2006, "not a label", "Kubernetes' syntax for labels."),
    BAD_ADDRESS(2007, "not an IP address", "IPv4 or IPv6; a range has a slash and the prefix length."),
    BAD_REGEX(2008, "not a regular expression", "RE2 syntax, at most 1024 characters."),
    EMPTY_MATCH(2009, "empty match", "An empty prefix or regular expression matches everything; leave it out."),
    BAD_TIME(2010, "duration out of range", "At least 1ms, in whole milliseconds."),
    BAD_PERCENTAGE(2011, "percentage out of range", "0 to 100."),
    BAD_EXPORT(2012, "exportTo is contradictory", "Namespaces, or . for this one, or * alone."),
    BAD_HEADER_NAME(2013, "not a header that may be used here", "A field name (RFC 9110, 5.1)."),
    BAD_HEADER_VALUE(
            2014,
            "not a header value",
            "No control characters. Envoy's operators are replaced (config/access-log.md); a percent sign is written %%."),
    DUPLICATE_NAME(2015, "name given twice", "Names and numbers of ports, and names of subsets, are unique."),
    NEGATIVE(2016, "negative number", "The number counts something."),
    DEPRECATED(2017, WARNING, "deprecated field", "It is read; Istio advises another field."),
    BAD_SELECTOR(2018, "selector is wrong", "Labels without wildcards; an empty selector selects all."),
    EMPTY_SELECTOR(2019, WARNING, "selector without labels", "It selects all; leave it out, or give it labels."),

    // VirtualServices.
    NO_ROUTES(2101, "VirtualService without routes", "At least one of http, tls and tcp."),
    NO_ACTION(2102, "route without an action", "One of route, redirect, directResponse and delegate."),
    ACTIONS_CONFLICT(2103, "actions exclude each other", "One of route, redirect, directResponse and delegate."),
    BAD_WEIGHTS(2104, "weights are wrong", "Not negative, and not all 0 where there are several."),
    BAD_REDIRECT(2105, "redirect is wrong", "uri or prefixRewrite; 301, 302, 303, 307 or 308; http or https."),
    BAD_STATUS(2106, "not an HTTP status", "200 to 599."),
    BODY_TOO_LARGE(2107, "body too large", "At most 1 MiB."),
    BAD_REWRITE(2108, "rewrite is wrong", "One of uri and uriRegexRewrite, perhaps with authority."),
    BAD_RETRY(2109, "retries are wrong", "Conditions that Istio knows, and status codes, separated by commas."),
    BAD_FAULT(2110, "fault is wrong", "A fixed delay, an abort by HTTP or gRPC status, or both."),
    BAD_MIRROR(2111, "mirror is wrong", "One of mirror and mirrors."),
    BAD_CORS(2112, "corsPolicy is wrong", "Methods and header names, or *; origins that are not empty."),
    BAD_DELEGATE(2113, "delegate is wrong", "A delegate has no hosts, gateways, tls, tcp or delegates of its own."),
    AUTHORITY_TWICE(2114, "authority set twice", "By rewrite.authority or by a header operation, not both."),
    SNI_OUTSIDE_HOSTS(2115, "SNI outside the hosts", "Each SNI is one of the VirtualService's hosts or within one."),
    BAD_GATEWAY_NAME(2116, "not a gateway's name", "name, namespace/name or mesh."),
    CLAIM_MATCH(
            2117,
            "match by JWT claim without a gateway",
            "Istio matches claims at gateways only; for mesh clients alone the route is refused."),
    USELESS_RETRY(
            2118,
            WARNING,
            "retry setting without effect",
            "A try cannot last longer than the request; some of Istio's conditions are never met here."),
    FILTER_UNUSED(2119, WARNING, "filter is not used", "Mirrors are for routes that forward."),
    FAULT_UNUSED(2120, WARNING, "fault without effect", "A delay needs fixedDelay, an abort httpStatus or grpcStatus."),
    BAD_AUTHORITY(
            2124,
            "not an authority",
            "host, host:port or [address]:port: ASCII letters, digits, -, . and _, a port without leading zeros."),
    BLANK_PATH(
            2125,
            WARNING,
            "path of blanks",
            "It stands for an empty path: what was matched is removed. Write / where that is meant."),
    SNI_ADDRESS(
            2126,
            WARNING,
            "SNI is an address",
            "A server name is a DNS name (RFC 6066, 3): the route is for clients that send an address against that."),
    BODY_NOT_SENT(
            2127,
            WARNING,
            "body is not sent",
            "A response with status 204, 205 or 304 has no content (RFC 9110, 15): another status, or no body."),
    HEADER_NOT_SENT(
            2128,
            WARNING,
            "header is not sent",
            "Connection, Keep-Alive, Proxy-Connection, Upgrade and Expect are between neighbours (RFC 9110, 7.6.1); the gateway says its own."),

    // Gateways.
    NO_SERVERS(2201, "Gateway without servers", "At least one."),
    NO_HOSTS(2202, "no hosts", "At least one; * for all."),
    BAD_SERVER_HOST(2203, "not a server's host", "host, namespace/host, ./host or */host; not a short name."),
    TLS_REQUIRED(2204, "tls is missing", "HTTPS and TLS ports need tls."),
    TLS_FORBIDDEN(2205, "tls on a plain port", "A plain HTTP port may have tls.httpsRedirect only, others none."),
    CERTIFICATE_CONFLICT(
            2206,
            "several sources of certificates",
            "credentialName or credentialNames, else tlsCertificates or files."),
    CERTIFICATE_MISSING(2207, "no certificate", "credentialName, or serverCertificate and privateKey."),
    CLIENT_CA_MISSING(2208, "no client CA", "MUTUAL needs caCertificates or a credential that has ca.crt."),
    CERTIFICATE_UNUSED(
            2209,
            WARNING,
            "certificate is not used",
            "Passthrough does not end TLS, ISTIO_MUTUAL uses the gateway's own identity, and a credential goes before files. insecureSkipVerify is for MUTUAL and OPTIONAL_MUTUAL."),
    REDIRECT_UNUSED(2210, WARNING, "httpsRedirect is not used", "It is for plain HTTP ports."),
    BAD_TLS_VERSION(2211, "TLS versions are wrong", "The minimum is not above the maximum; TLS 1.2 at least."),
    OLD_TLS_VERSION(2212, WARNING, "TLS version is not served", "TLS 1.0 and 1.1 are broken; 1.2 is the least."),
    BAD_CIPHER(2213, WARNING, "cipher suite is ignored", "Unknown, or given twice."),
    BAD_CRL(2214, "caCrl is wrong", "For MUTUAL with files; a credential has its own ca.crl."),
    BAD_BIND(2215, "bind is wrong", "An IP address, or unix:// and an absolute path or @name, without a port."),
    BAD_PIN(2216, "not a SHA-256", "Base64 of 32 bytes for a key, 64 hex digits for a certificate."),
    BAD_SERVER_PROTOCOL(2217, "protocol not for a Gateway", "HTTP, HTTPS, HTTP2, GRPC, GRPC-WEB, TCP, TLS, MONGO."),
    UNUSED_TARGET_PORT(2218, "targetPort is not for a Gateway", "It has no effect; delete it."),
    UNIX_BIND(
            2219,
            WARNING,
            "Unix socket is not served",
            "Istio accepts a server on a Unix socket; this gateway leaves it out."),

    // Traffic policies of DestinationRules.
    EMPTY_POLICY(2301, "policy says nothing", "At least one setting."),
    BAD_LOAD_BALANCER(2302, "loadBalancer is wrong", "See LoadBalancerSettings."),
    BAD_LOCALITY(2303, "locality setting is wrong", "distribute or failover; shares of 1 to 100 that sum to 100."),
    BAD_OUTLIER(2304, "outlierDetection is wrong", "See OutlierDetection."),
    BAD_POOL(2305, "connectionPool is wrong", "See ConnectionPoolSettings."),
    BAD_CLIENT_TLS(2306, "tls is wrong", "MUTUAL needs a certificate; credentialName excludes files."),
    BAD_TUNNEL(2307, "tunnel is wrong", "CONNECT or POST; excludes proxyProtocol."),
    UNVERIFIED_TLS(
            2308,
            WARNING,
            "peer is not verified",
            "insecureSkipVerify lets anybody answer for the upstream, or in as a client."),

    // ServiceEntries.
    BAD_RESOLUTION(2401, "resolution does not fit", "NONE has no endpoints, DNS_ROUND_ROBIN one at most."),
    BAD_ENDPOINT(2402, "endpoint is wrong", "An IP address, or a host name with DNS resolution."),
    SELECTOR_AND_ENDPOINTS(2403, "workloadSelector and endpoints", "One of the two."),
    TCP_HOSTS(2404, "several hosts on a TCP port", "Plain TCP does not say which host is meant."),
    BAD_HEALTH_CHECK(
            2405,
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

    BAD_TARGET(
            2501,
            "targetRef is wrong",
            "A Service, a ServiceEntry or a Gateway by its name, in the policy's own namespace."),
    RULES_NEEDED(
            2502,
            "policy without rules",
            "DENY and CUSTOM apply where a rule does. `rules: [{}]` always applies; ALLOW without rules allows nothing."),
    BAD_CUSTOM(
            2503,
            "external authorization is wrong",
            "The action CUSTOM needs provider.name, which no other action has, and its rules use no identities."),
    EMPTY_RULE(
            2504,
            "part of a rule is empty",
            "from, to, when, source, operation and their values restrict nothing when they are empty: leave them out."),
    EMPTY_VALUES(
            2505,
            WARNING,
            "list of values is empty",
            "It restricts nothing, as if it were not there: what was meant to name nobody may apply to everybody."),
    BAD_SERVICE_ACCOUNT(
            2506,
            "service account is wrong",
            "namespace/account or account, no wildcards, at most 16 of 320 characters; without principals and namespaces."),
    BAD_TRUST_DOMAIN(
            2507,
            "trust domain is wrong",
            "A name without a slash; one wildcard at its beginning or its end, or * alone."),
    BAD_PATH_TEMPLATE(
            2508,
            "path template is wrong",
            "`{*}` is one whole segment, `{**}` any number of them and the last template. No other braces, and no * beside."),
    UNKNOWN_CONDITION(
            2509,
            "unknown condition",
            "source.ip, remote.ip, source.namespace, source.principal, source.serviceAccount, source.trustDomain,"
                    + " request.headers[name], request.auth.principal, request.auth.audiences, request.auth.presenter,"
                    + " request.auth.claims[name], destination.ip, destination.port or connection.sni."),
    BAD_DRY_RUN(2510, "annotation istio.io/dry-run is wrong", "true or false, for ALLOW and DENY."),
    IMPOSSIBLE_PRINCIPAL(
            2511,
            WARNING,
            "principal that no workload has",
            "`<trust domain>/ns/<namespace>/sa/<service account>`, without spiffe://. A rule with another form most likely"
                    + " never matches."),
    LITERAL_WILDCARD(
            2512,
            WARNING,
            "wildcard stands for itself",
            "Only as the first or last character a * is a wildcard: x*, *x or *."),
    METHOD_CASE(2513, WARNING, "method in lower case", "Methods are case-sensitive: GET is not get."),
    NO_ISSUER(2520, "rule for tokens without an issuer", "issuer or jwksUri says whose tokens are accepted."),
    BAD_JWKS_URI(
            2521,
            "keys of an issuer cannot be found",
            "jwksUri is a URL of http or https, or spiffe://<trust domain> for keys from the Workload API; without jwksUri"
                    + " and jwks, issuer is a URL by which the keys are discovered."),
    BAD_JWKS(
            2522,
            "key set cannot be used",
            "A JSON object with a list of keys (RFC 7517), one of which at least can verify tokens: RSA of 2048 to 8192"
                    + " bits, P-256, P-384, P-521, Ed25519, or a secret as long as its hash."),
    PRIVATE_JWKS(
            2523,
            WARNING,
            "key set has private keys",
            "Public keys are enough to verify tokens. Who can read a private or secret key can make them."),
    BAD_TOKEN_RULE(
            2524,
            "rule for tokens has an empty part",
            "Names of headers, query parameters, cookies, claims and audiences are not empty."),
    BAD_CLAIM(
            2525,
            "claim's name is wrong",
            "`request.auth.claims[outer][inner]` in conditions, `@request.auth.claims[outer][inner]` or with dots in header"
                    + " matches, `outer.inner` in outputClaimToHeaders."),

    // MeshConfig.
    BAD_PROVIDER(
            2540,
            "extension provider is wrong",
            "A name in lower case, of letters, digits and -, once; a service as [namespace/]host, and its port; a path prefix"
                    + " that begins with /; an HTTP status; names of headers, as x, x* or *x; 1 byte to 16 MiB of the body."),
    UNUSED_MESH_FIELD(
            2541,
            WARNING,
            "MeshConfig says what the gateway does not act on",
            "Of MeshConfig the gateway reads extensionProviders for external authorization, traces and the access log, and accessLogFile, accessLogEncoding and accessLogFormat. What else it says of the gateway is a setting"
                    + " here (config/settings.md); the rest is for sidecars and the control plane."),
    PATIENT_PROVIDER(
            2542,
            WARNING,
            "authorization may take 10 minutes",
            "Without a timeout a request waits up to 600 s for the provider's answer, as at Istio. Give the provider a timeout of"
                    + " a few hundred milliseconds."),
    OPEN_PROVIDER(
            2543,
            WARNING,
            "requests are allowed while the provider is down",
            "failOpen allows what cannot be asked about. Whoever can slow down the provider gets past it."),

    PORT_LEVEL_MTLS(
            2560,
            "portLevelMtls is wrong",
            "Modes of single ports need a selector with matchLabels, and at least one port."),

    JWT_SVID_AUDIENCE(
            2600,
            "rule for JWT-SVIDs without an audience",
            "A JWT-SVID is for whom it names. With jwksUri: spiffe://<trust domain>, audiences says which of them are for us."),
    BAD_JWT_SVID_VALUE(
            2601,
            "JWT-SVID in a header is wrong",
            "`%SALLYPORT_JWT_SVID(<audience>)%`, once, in headers.request.set, with text around it: `Bearer"
                    + " %SALLYPORT_JWT_SVID(https://api.example)%`. An audience has visible ASCII characters, none of them a"
                    + " parenthesis or a percent sign."),
    LONG_KEY_TIMEOUT(
            2620,
            "timeout for keys is too long",
            "At most 60s: requests with tokens are held until the first keys have come, or this time is over."),

    // Telemetry.
    BAD_TRACING(
            2640,
            "tracing is wrong",
            "randomSamplingPercentage is 0 to 100; a custom tag has a name, and a literal, an environment variable, a header or a text with Envoy's command operators (config/access-log.md)."),
    SEVERAL_TRACINGS(
            2641,
            WARNING,
            "one element and one provider count",
            "Each element of tracing replaces what those before it say, and spans go to the first provider alone, as at Istio."),

    BAD_ACCESS_LOG(
            2660,
            "access log is wrong",
            "A file is an absolute path. A format is text with Envoy's command operators, or an object of JSON with such texts"
                    + " (config/access-log.md); the message says where in it the fault is."),

    BAD_EXPRESSION(
            2661,
            "expression is wrong",
            "A condition, or the value of a metric's label, in the subset of CEL that config/access-log.md names; the message says where in it the fault is."),

    BAD_METRICS(
            2670,
            "metrics are wrong",
            "A tag has a name; with operation UPSERT it is a label's in Prometheus and has a value, an expression; with REMOVE it has none. A reportingInterval is 100ms to 24h, or 0s."),

    UNKNOWN_METRIC(
            2671,
            WARNING,
            "unknown metric",
            "`customMetric` is one of Istio's metrics, with Prometheus' name without `istio_`: `requests_total`. Of others the"
                    + " gateway has none, and the override has no effect."),

    NOT_ENFORCED(
            2900,
            WARNING,
            "read, not enforced yet",
            "The field is read and checked; the gateway does not act on it yet."),

    // Resources that do not fit each other. What Istio only reports, and the gateway can serve as Istio would, is a
    // warning; what would silently serve nobody, or somebody else, is an error.
    UNKNOWN_GATEWAY(
            3001,
            "unknown gateway",
            "A VirtualService names a Gateway that no file has. A name without a slash means the VirtualService's own"
                    + " namespace; `mesh` is reserved for the mesh listener."),
    HOST_NOT_IN_GATEWAY(
            3002,
            WARNING,
            "host that no server of the gateway admits",
            "The gateway never hands a request for this host to the VirtualService. Add the host to a server's hosts, and"
                    + " mind a namespace prefix there."),
    GATEWAY_NOT_SELECTED(
            3003,
            INFO,
            "gateway is for another instance",
            "The Gateway's selector is not within this instance's labels (`sallyport.labels`), so its ports are not opened"
                    + " here. A warning when no Gateway at all selects the instance."),
    VIRTUAL_SERVICE_HIDDEN(
            3004,
            WARNING,
            "VirtualService is not exported to this instance",
            "`exportTo` leaves out the instance's namespace (`sallyport.namespace`), so its routes do not apply here."),
    ROUTE_KIND_MISMATCH(
            3005,
            WARNING,
            "routes of a kind that the servers do not take",
            "http routes apply where the gateway sees HTTP, tls routes where TLS passes through, tcp routes on plain TCP and"
                    + " on terminated TLS."),
    UNKNOWN_LISTENER_PORT(
            3006,
            WARNING,
            "match on a port that the gateways do not open",
            "`match.port` is the number of a Gateway's port, before `sallyport.port-map`."),
    MATCH_GATEWAY_NOT_BOUND(
            3007,
            WARNING,
            "match on a gateway that the VirtualService is not bound to",
            "`match.gateways` narrows `spec.gateways`; a gateway that is only in the match never gets the route."),

    UNKNOWN_HOST(
            3010,
            "unknown destination host",
            "No ServiceEntry that this instance sees names the host, and it is not a service under the cluster domain. A"
                    + " name without a dot is completed by the namespace; a name with one is not."),
    UNKNOWN_PORT(
            3011,
            "unknown port",
            "The host's ServiceEntry does not define the port. A warning where the host is a discovered service."),
    PORT_REQUIRED(
            3012,
            "destination must name a port",
            "The host has several ports. A warning where a port of the host has the number of a listener that the route is"
                    + " reached by: that one is taken, as Istio does. A warning, too, where the host is a discovered service."),
    UNKNOWN_SUBSET(
            3013,
            WARNING,
            "unknown subset",
            "No DestinationRule that applies to the host defines the subset. The route is served and answers 503 (NC)."),
    SUBSET_NEEDS_LABELS(
            3014,
            WARNING,
            "subset of a host without endpoint labels",
            "A mesh service found by DNS has addresses but no labels, so a subset of it has no endpoints: 503 (UH)."
                    + " A ServiceEntry with labelled endpoints has them, and so has a discovered service."),
    SUBSET_WITHOUT_ENDPOINTS(
            3015,
            WARNING,
            "subset without endpoints",
            "No endpoint of the ServiceEntry carries all of the subset's labels: 503 (UH)."),
    UNKNOWN_RULE_HOST(
            3016,
            WARNING,
            "DestinationRule for an unknown host",
            "No ServiceEntry names the host and it is not under the cluster domain, so the rule never applies. Or it is, but"
                    + " routes lead only to another service that is spelled nearly so."),
    UNKNOWN_SECRET(
            3017,
            WARNING,
            "unknown secret",
            "The secrets directory has neither `<name>` nor `<namespace>/<name>`, and with `sallyport.discovery.secrets` the API has"
                    + " no such Secret. Until it is there,"
                    + " handshakes of its servers are refused and requests to its clusters get 503 UF; all else is served."),
    TUNNEL_WITHOUT_EFFECT(
            3018,
            WARNING,
            "tunnel of a host that requests go to",
            "`trafficPolicy.tunnel` is for TCP and TLS routes. Requests of HTTP routes do not use it."),
    NOBODY_EJECTED(
            3019,
            WARNING,
            "outlier detection that ejects nobody",
            "`maxEjectionPercent` (10 unless given) of the host's endpoints is less than one. It holds for the first, too, as at"
                    + " Envoy since 1.28."),

    UNKNOWN_DELEGATE(3020, "unknown delegate", "The route delegates to a VirtualService that no file has."),
    NOT_A_DELEGATE(
            3021, "delegate has hosts", "A VirtualService that others delegate to has neither hosts nor gateways."),
    DELEGATE_HIDDEN(
            3022,
            "delegate is not exported",
            "The delegate's `exportTo` leaves out the namespace of the VirtualService that delegates to it."),
    DELEGATE_OUTSIDE_MATCH(
            3024,
            WARNING,
            "delegate's match lies outside the root's",
            "Each match of a delegate must narrow one of the root's; beside a regex nothing does. The delegate's route is"
                    + " left out."),
    UNUSED_DELEGATE(
            3025, WARNING, "nobody delegates here", "A VirtualService without hosts applies by delegation only."),

    PROTOCOL_CONFLICT(
            3030,
            "one port, two protocols",
            "Servers share a port if all are plain HTTP, or all begin with TLS and differ in their SNI hosts. Plain TCP has its"
                    + " port to itself."),
    TLS_HOST_CONFLICT(
            3031,
            "one host twice on a TLS port",
            "Two servers on one port claim the same SNI host, so it is open which certificate answers."),
    SHARED_HTTP_HOST(
            3032,
            WARNING,
            "one host in two servers of an HTTP port",
            "The port answers for the host with the VirtualServices of both."),
    BIND_CONFLICT(
            3033,
            "two ports bound to one",
            "`sallyport.port-map` leads two Gateway ports to the same port of this machine."),
    RESERVED_PORT(
            3034,
            "port is taken by the gateway itself",
            "A Gateway's port, after `sallyport.port-map`, is the health, admin or mesh port of this process."),
    CERTIFICATE_AVOIDED(
            3035,
            WARNING,
            "client certificate can be avoided",
            "One server demands a client certificate for the host, another that the VirtualService is bound to takes its"
                    + " requests without. On one port such a request is answered with 421, on another it is served."),

    SHARED_VIRTUAL_HOST(
            3040,
            INFO,
            "host of several VirtualServices",
            "Their routes are tried in the order of name, then namespace; catch-alls last. A warning for `mesh`, where Istio"
                    + " leaves the order open."),
    CONFLICTING_ROUTES(
            3041,
            WARNING,
            "route hidden by another VirtualService",
            "A VirtualService for the same host that comes earlier in the merge order matches the same requests."),
    SHARED_RULE_HOST(
            3042,
            INFO,
            "several DestinationRules for a host",
            "Rules for one host in one namespace merge in the order of name: the first traffic policy counts, subsets add up,"
                    + " the first of a name counts. A warning where something is left out."),
    SHARED_SERVICE_HOST(
            3043,
            WARNING,
            "several ServiceEntries for a host and port",
            "Those of one namespace are one service: their endpoints add up where the port has one name, and the oldest, or the"
                    + " first by name where nobody says when they were created, says the port's protocol and resolution."
                    + " Of several namespaces the instance's own counts, else likewise."),

    UNREACHABLE_ROUTE(
            3050,
            WARNING,
            "unreachable route",
            "Routes are tried in order and earlier ones match every request that this one would."),
    INEFFECTIVE_MATCH(
            3051,
            INFO,
            "ineffective match",
            "An earlier match takes every request that this one would; the route's other matches still work."),
    PATH_NOT_CANONICAL(
            3055,
            WARNING,
            "path in a form that requests do not have",
            "Requests' paths are made canonical before they are matched (`sallyport.path-normalization`,"
                    + " `sallyport.encoded-slashes`), so exact and prefix matches are made canonical, too. Regular expressions are"
                    + " not: they must be written for canonical paths."),
    IMPOSSIBLE_PATH(
            3056,
            WARNING,
            "path that no request has",
            "The match never holds: a path begins with a slash, has no query, and some forms of it (`%00`, `%zz`, a backslash,"
                    + " `..` above the root) are answered with 400."),
    HOST_NOT_EXPORTED(
            3057,
            WARNING,
            "host is not exported to the VirtualService's namespace",
            "The ServiceEntry's `exportTo` leaves out the namespace of the VirtualService that routes to its host. This gateway"
                    + " sees it and serves the route; Istio's analysis finds no such host."),
    MESH_ROUTES_BYPASSED(
            3058,
            WARNING,
            "routes that have no effect on an ingress gateway",
            "A VirtualService of `mesh` sends requests for the host to subsets, but what comes in by a gateway is routed once: to"
                    + " the host as a whole (IST0140). Name the subset in the gateway's route."),
    SHORT_NAME_OF_ENTRY(
            3059,
            WARNING,
            "short name that does not mean the ServiceEntry's host",
            "In routes and rules a name without a dot is completed by the resource's namespace, while a ServiceEntry's host stays"
                    + " as it is written (both as at Istio), so the resource does not apply to the entry. Give the entry a host with"
                    + " a dot."),
    POLICY_WITHOUT_WORKLOADS(
            3060,
            WARNING,
            "policy that applies to nothing known",
            "A policy is for this instance or for endpoints in the mesh: of its own namespace, or of all in the root namespace"
                    + " (`sallyport.root-namespace`), where they carry the selector's labels. What is MESH_EXTERNAL is"
                    + " protected by targetRefs only."),
    UNKNOWN_POLICY_TARGET(
            3061,
            WARNING,
            "policy for an unknown target",
            "`targetRefs` name what is in the policy's own namespace, by its kind and name. A policy whose target is not there"
                    + " protects nothing."),
    POLICY_PORT_MOVED(
            3062,
            WARNING,
            "policy names a port that is bound as another",
            "At this gateway `ports` and `destination.port` are the port that is bound, after `sallyport.port-map`."),
    POLICY_ON_TCP(
            3063,
            WARNING,
            "HTTP fields where there is no HTTP",
            "TCP and TLS that passes through have no hosts, methods, paths and headers. There an ALLOW rule with them allows"
                    + " nothing, a DENY rule denies without them, and a CUSTOM rule asks without them. `ports` confines a"
                    + " rule to ports with HTTP."),
    SHADOWED_RULE(3064, WARNING, "rule without effect", "An earlier rule of the policy is `{}`, which always applies."),
    CONTRADICTORY_RULE(
            3065, WARNING, "rule that never applies", "All values of a field are also values of its negation."),
    TOKEN_NEVER_KNOWN(
            3070,
            WARNING,
            "tokens decide, and none is verified",
            "requestPrincipals, request.auth.* and @request.auth.claims are of tokens that a RequestAuthentication has verified."
                    + " Without one nobody has claims: a rule that wants some never applies."),
    PREFLIGHT_WITHOUT_TOKEN(
            3071,
            WARNING,
            "preflights of a CORS route are denied",
            "Policies come before CORS, as at Istio, and a browser sends no token with a preflight. Where every ALLOW rule wants"
                    + " a token, allow OPTIONS besides."),
    MESH_CONFIG_DIFFERS(
            3075,
            "MeshConfig and a setting contradict each other",
            "What MeshConfig says of trust domain, root namespace and topology the gateway takes from its settings. Where"
                    + " MeshConfig says it too, it must say the same."),
    UNKNOWN_PROVIDER(
            3076,
            WARNING,
            "policy asks an unknown provider",
            "No extensionProvider of MeshConfig has that name, or it is not for external authorization. What the policy matches is"
                    + " denied."),
    UNKNOWN_PROVIDER_SERVICE(
            3077,
            WARNING,
            "provider's service is unknown",
            "It is neither in a ServiceEntry nor in the mesh, or has no such port, so nobody can be asked: what a policy"
                    + " matches that names the provider is denied."),
    SEVERAL_PROVIDERS(
            3078,
            WARNING,
            "policies ask several providers",
            "One provider answers for a workload, as at Istio. What any of these policies matches is denied."),
    CUSTOM_ON_BYTES(
            3079,
            WARNING,
            "provider for requests where there is no HTTP",
            "A provider of `envoyExtAuthzHttp` cannot be asked about connections whose bytes are relayed: what the policy"
                    + " matches there is denied. `envoyExtAuthzGrpc` can; `ports` confines a rule to ports with HTTP."),
    IGNORED_PEER_AUTHENTICATION(
            3080,
            WARNING,
            "PeerAuthentication without effect",
            "In a namespace without a selector, and in the root namespace, the oldest holds, or the first by name where nobody"
                    + " says when they were created. With a selector it is for"
                    + " workloads of its own namespace, and the root namespace has none for it."),
    POLICY_PORT_UNBOUND(
            3081,
            WARNING,
            "policy names a port that is not bound",
            "At this gateway `ports` and `destination.port` are the port that is bound, after `sallyport.port-map`. A rule for"
                    + " another port never applies."),
    IDENTITY_NEVER_KNOWN(
            3082,
            WARNING,
            "identities decide, and no client shows one",
            "principals, namespaces, serviceAccounts and trustDomains are of the client's verified certificate. Where no server"
                    + " asks for one (tls.mode MUTUAL, OPTIONAL_MUTUAL or ISTIO_MUTUAL), nobody has an identity: a rule that"
                    + " wants one never applies, and one that wants none always does."),
    ROUTE_BEHIND_ANSWER(
            3105,
            WARNING,
            "routes depend on what a provider sets",
            "Routes are always chosen behind a provider's answer, by header fields as it has edited them, as with"
                    + " `clearRouteCache: true`. With `false`, the default, Istio chooses them before, by what the client"
                    + " has sent."),
    UNKNOWN_TRACING_PROVIDER(
            3120,
            WARNING,
            "unknown provider of traces",
            "No extensionProvider of MeshConfig has that name, or it is not `opentelemetry`. What the Telemetry is for is not"
                    + " traced."),
    TELEMETRY_WITHOUT_EFFECT(
            3121,
            WARNING,
            "Telemetry is attached to nothing",
            "A gateway's Telemetry is for the instance, by a selector or its namespace, or for a Gateway of its own namespace."),
    SHADOWED_TELEMETRY(
            3122,
            WARNING,
            "Telemetry without effect",
            "Of several for the same instance or Gateway, in one namespace, the oldest counts, or the first by name where nobody"
                    + " says when they were created."),

    UNKNOWN_LOG_PROVIDER(
            3130,
            WARNING,
            "unknown provider of the access log",
            "The access log goes to MeshConfig's `envoyFileAccessLog` and `envoyOtelAls` providers, and by `envoy` as MeshConfig or the"
                    + " settings say. Where none of those that are named is one, it is written as without the Telemetry."),

    UNKNOWN_METRICS_PROVIDER(
            3135,
            WARNING,
            "unknown provider of metrics",
            "Metrics are shown to Prometheus alone, by the provider `prometheus`. What a Telemetry says of others has no effect;"
                    + " where it names none but others, metrics are as usual."),

    // Certificates, keys and TLS settings.
    UNUSABLE_CREDENTIAL(
            4001,
            WARNING,
            "credential cannot be used",
            "The certificate, its chain or its key cannot be read, or the key does not belong to the certificate. What it"
                    + " held before is served on; where there is nothing, handshakes for the server's names are refused,"
                    + " and requests to the cluster get 503 UF. Nothing else is concerned, so this is a warning; a"
                    + " change of the files is taken up by itself."),
    EXPIRED_CERTIFICATE(
            4002,
            WARNING,
            "certificate has expired",
            "It is served on: clients refuse it, and who overlooks that is served. Renew the certificate; the gateway"
                    + " takes it up by itself."),
    CREDENTIAL_WARNING(
            4003,
            WARNING,
            "credential has a flaw",
            "The certificate expires within 21 days, is not valid yet, or its chain is not in order; it is served all"
                    + " the same. But one that is not valid yet takes the place of a valid one only when its time has come."),
    UNUSABLE_TRUST_BUNDLE(
            4004,
            WARNING,
            "authorities cannot be used",
            "Client or endpoint certificates are to be verified, but the authorities (ca.crt, caCertificates) or their"
                    + " revocation list cannot be read. What they were before is used on; where there is"
                    + " nothing, nobody is served: neither clients of the server nor requests to the cluster (503 UF)."),
    INVALID_TLS_SETTINGS(
            4005,
            "TLS settings cannot be served",
            "The versions, cipher suites or pins contradict each other or are not known."),
    NO_IDENTITY(
            4006,
            WARNING,
            "the gateway has no SVID",
            "ISTIO_MUTUAL presents the gateway's own certificate, and none is there. Set sallyport.identity.dir to a"
                    + " directory with tls.crt, tls.key and ca.crt, or sallyport.identity.endpoint-socket to a SPIFFE"
                    + " Workload API. Until then handshakes of such servers are refused."),
    NO_CLIENT_IDENTITY(
            4007,
            WARNING,
            "a service that expects the gateway's SVID is not served",
            "A DestinationRule orders ISTIO_MUTUAL, which presents the gateway's own certificate, and none is there."
                    + " Requests to that service are answered 503, never sent in plain text. Set sallyport.identity.dir"
                    + " to a directory with tls.crt, tls.key and ca.crt, or sallyport.identity.endpoint-socket to a SPIFFE"
                    + " Workload API."),
    WORKLOADS_WITHOUT_IDENTITY(
            4008,
            WARNING,
            "endpoints speak mutual TLS, and the gateway has no identity",
            "Endpoints with the label `security.istio.io/tlsMode: istio`, or of a ServiceEntry with a `serviceAccount` and no such"
                    + " label, are spoken to by the mesh's own TLS where the gateway has a certificate for it"
                    + " (`sallyport.identity.dir`, `sallyport.identity.endpoint-socket`); without one, in plain text."),
    NO_WORKLOAD_KEYS(
            4009,
            WARNING,
            "rule for JWT-SVIDs without a Workload API",
            "The keys of a trust domain come from a SPIFFE Workload API (`sallyport.identity.endpoint-socket`), and this gateway has"
                    + " none: tokens of such a rule are refused."),
    NO_JWT_SVID(
            4010,
            WARNING,
            "JWT-SVID in a header without a Workload API",
            "JWT-SVIDs come from a SPIFFE Workload API (`sallyport.identity.endpoint-socket`), and this gateway has none: requests of"
                    + " such a route are answered 503."),
    NOT_COMPILED(
            4011,
            "resource that the gateway fails at",
            "An exception within the gateway, which is its own fault, not the resource's. It costs this resource alone. Please"
                    + " report it, with the resource.");

    private final int number;
    private final Severity severity;
    private final String title;
    private final String doc;

    ProblemCode(int number, String title, String doc) {
        this(number, Severity.ERROR, title, doc);
    }

    ProblemCode(int number, Severity severity, String title, String doc) {
        this.number = number;
        this.severity = severity;
        this.title = title;
        this.doc = doc;
    }

    /// `SAL` and four digits.
    public String id() {
        return "SAL" + number;
    }

    /// The severity of its problems unless one says otherwise.
    public Severity severity() {
        return severity;
    }

    /// A few words, for tables.
    public String title() {
        return title;
    }

    /// What it means and how to mend it, for the reference.
    public String doc() {
        return doc;
    }
}
