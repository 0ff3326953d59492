package io.sallyport.config.problem;

import static io.sallyport.config.problem.Severity.ERROR;
import static io.sallyport.config.problem.Severity.INFO;
import static io.sallyport.config.problem.Severity.WARNING;

/// `SAL30xx`: resources that do not fit each other. What Istio's analysis reports and the gateway can still serve as
/// Istio would is a warning; what would silently serve nobody, or somebody else, is an error.
public enum AnalysisProblem implements ProblemCode {
    UNKNOWN_GATEWAY(
            3001,
            ERROR,
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
            ERROR,
            "unknown destination host",
            "No ServiceEntry that this instance sees names the host, and it is not a service under the cluster domain. A"
                    + " name without a dot is completed by the namespace; a name with one is not."),
    UNKNOWN_PORT(
            3011,
            ERROR,
            "unknown port",
            "The host's ServiceEntry does not define the port. A warning where the host is a discovered service."),
    PORT_REQUIRED(
            3012,
            ERROR,
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
    TUNNEL_WITHOUT_EFFECT(
            3018,
            WARNING,
            "tunnel of a host that requests go to",
            "`trafficPolicy.tunnel` is for TCP and TLS routes. Requests of HTTP routes do not use it."),
    UNKNOWN_SECRET(
            3017,
            WARNING,
            "unknown secret",
            "The secrets directory has neither `<name>` nor `<namespace>/<name>`. Until it is there,"
                    + " handshakes of its servers are refused and requests to its clusters get 503 UF; all else is served."),

    NOBODY_EJECTED(
            3019,
            WARNING,
            "outlier detection that ejects nobody",
            "`maxEjectionPercent` (10 unless given) of the host's endpoints is less than one. It holds for the first, too, as at"
                    + " Envoy since 1.28."),

    UNKNOWN_DELEGATE(3020, ERROR, "unknown delegate", "The route delegates to a VirtualService that no file has."),
    NOT_A_DELEGATE(
            3021,
            ERROR,
            "delegate has hosts",
            "A VirtualService that others delegate to has neither hosts nor gateways."),
    DELEGATE_HIDDEN(
            3022,
            ERROR,
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
            ERROR,
            "one port, two protocols",
            "Servers share a port if all are plain HTTP, or all begin with TLS and are told apart by SNI. Plain TCP has its"
                    + " port to itself."),
    TLS_HOST_CONFLICT(
            3031,
            ERROR,
            "one host twice on a TLS port",
            "Two servers on one port claim the same SNI host, so it is open which certificate answers."),
    SHARED_HTTP_HOST(
            3032,
            WARNING,
            "one host in two servers of an HTTP port",
            "The port answers for the host with the VirtualServices of both."),
    BIND_CONFLICT(
            3033,
            ERROR,
            "two ports bound to one",
            "`sallyport.port-map` leads two Gateway ports to the same port of this machine."),
    RESERVED_PORT(
            3034,
            ERROR,
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
            "Of one namespace the first by name counts for the port; of several, the instance's own, else the first by"
                    + " name."),

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
                    + " the host as a whole (IST0140). Name the subset in the gateway's route.");

    private final int number;
    private final Severity severity;
    private final String title;
    private final String doc;

    AnalysisProblem(int number, Severity severity, String title, String doc) {
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
