package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.balance.HashKey;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.extauth.HeaderEdit;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.jwt.Claims;
import io.sallyport.jwt.LastToken;
import io.sallyport.jwt.SignatureBudget;
import io.sallyport.jwt.TokenCarrier;
import io.sallyport.jwt.TokenRules;
import io.sallyport.net.AddressLiteral;
import io.sallyport.net.HostName;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Authorizer;
import io.sallyport.policy.Caller;
import io.sallyport.policy.PolicyRequest;
import io.sallyport.route.PathNormalizer;
import io.sallyport.route.RequestTarget;
import io.sallyport.route.RequestView;
import io.sallyport.route.RetryPolicy;
import io.sallyport.snapshot.Workload;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One request as routing and endpoint choice see it: its canonical host and path, and its fields.
public final class RoutingContext implements RequestView, RequestContext, PolicyRequest, TokenCarrier {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final int UNSET = -1;

    private final RequestHead head;
    private final HostName host;
    private final int port;
    private final boolean grpc;
    private final Workload client;
    /// Whether the client named no port, or one that it could have left out.
    private final boolean portImplied;

    /// Before the route rewrites it.
    private final String sentAuthority;

    private RequestTarget target;
    private String sentHost;
    private @Nullable CheckResults results;
    private @Nullable String namedAuthority;
    private @Nullable String pathAndQuery;
    private @Nullable List<String> pathReadings;
    /// Before the route changes them.
    private Headers fields;

    private @Nullable Caller caller;
    private int policyPort = UNSET;
    private @Nullable HttpConnection connection;
    private @Nullable CharSequence forwardedFor;
    private @Nullable Affinity affinity;
    private @Nullable TriedEndpoints tried;

    /// @param listener the port's number that clients need not name, or 0
    private RoutingContext(
            RequestHead head,
            HostName host,
            RequestTarget target,
            int port,
            int listener,
            boolean grpc,
            Workload client) {
        this.head = head;
        this.fields = head.headers;
        this.host = host;
        this.target = target;
        this.portImplied = host.port() == 0 || host.port() == listener || host.port() == defaultPort(head);
        this.sentHost = host.host();
        this.sentAuthority = head.authority;
        this.port = port;
        this.grpc = grpc;
        this.client = client;
    }

    /// @throws ProxyException 400 where host or path is nothing to route by
    /// @param host of the head's authority
    /// @param port the Gateway's port number
    public static RoutingContext of(RequestHead head, HostName host, int port, PathNormalizer paths, boolean grpc)
            throws ProxyException {
        return new RoutingContext(head, accepted(host), target(head, paths), port, port, grpc, Workload.UNKNOWN);
    }

    /// For the mesh listener, where clients ask for ports, too: the one that the authority names, else the scheme's.
    ///
    /// @throws ProxyException 400 where host or path is nothing to route by
    /// @param host of the head's authority
    /// @param client the workload that asks
    public static RoutingContext asked(
            RequestHead head, HostName host, PathNormalizer paths, boolean grpc, Workload client)
            throws ProxyException {
        int port = host.port() != 0 ? host.port() : defaultPort(head);
        return new RoutingContext(head, accepted(host), target(head, paths), port, 0, grpc, client);
    }

    private static int defaultPort(RequestHead head) {
        return head.scheme.equals("https") ? HTTPS : HTTP;
    }

    /// From now on it is known who asks.
    ///
    /// @param chain `x-forwarded-for`, the peer included; null for none
    RoutingContext in(HttpConnection asking, @Nullable CharSequence chain) {
        connection = asking;
        forwardedFor = chain;
        return this;
    }

    /// Who asks, and at which bound port, as authorization policies see it.
    public RoutingContext from(Caller asking, int boundPort) {
        caller = asking;
        policyPort = boundPort;
        return this;
    }

    @Override
    public Caller caller() {
        if (caller == null) {
            caller = Objects.requireNonNull(connection, "nobody asks").caller();
        }
        return caller;
    }

    @Override
    public int policyPort() {
        if (policyPort == UNSET && connection != null) {
            policyPort = connection.boundPort();
        }
        return policyPort;
    }

    /// From now on policies are asked about what goes to this port of an endpoint.
    public void policyPort(int endpointPort) {
        policyPort = endpointPort;
    }

    private CheckResults results() {
        if (results == null) {
            results = new CheckResults();
        }
        return results;
    }

    /// The checks of endpoints with these policies are those that the request passes.
    void checkedBy(AppliedPolicies ofEndpoints) {
        results().checkedBy = ofEndpoints;
    }

    /// Null before, and where no policies have checks.
    @Nullable
    AppliedPolicies checked() {
        return results == null ? null : results.checkedBy;
    }

    /// An external authorizer has been asked about the request, or will be before it goes on.
    void asked(Authorizer authorizer) {
        results().asked(authorizer);
    }

    boolean hasAsked(Authorizer authorizer) {
        return results != null && results.hasAsked(authorizer);
    }

    /// External authorizers have edited the fields so.
    void edited(List<HeaderEdit> more) {
        results().edited(more);
    }

    List<HeaderEdit> edits() {
        return results == null ? List.of() : results.edits;
    }

    /// At Gateways, [ForwardedHeaders] has found out the client's address; on the mesh listener a field with it is the
    /// client's own claim.
    @Override
    public @Nullable InetSocketAddress remote() {
        boolean claimed = connection != null && connection.mesh;
        AsciiString external = claimed ? null : fields.get(HeaderNames.X_ENVOY_EXTERNAL_ADDRESS);
        InetAddress address = external == null ? null : AddressLiteral.parse(external);
        return address == null ? caller().remote() : new InetSocketAddress(address, 0);
    }

    /// The route is about to change the fields, and policies are to see what the client sent, also later.
    void keepFields() {
        fields = head.headers.copy();
    }

    @Override
    public String sentAuthority() {
        return sentAuthority;
    }

    private static HostName accepted(HostName host) throws ProxyException {
        if (host.isRejected()) {
            throw ProxyException.downstream(ResponseFlag.DPE, 400, "invalid_host");
        }
        return host;
    }

    private static RequestTarget target(RequestHead head, PathNormalizer paths) throws ProxyException {
        RequestTarget target =
                RequestTarget.isAsterisk(head.path) ? RequestTarget.ASTERISK : paths.normalize(head.path);
        if (target.isRejected()) {
            throw ProxyException.downstream(ResponseFlag.DPE, 400, "path_normalization_failed");
        }
        return target;
    }

    /// Path and query as they are sent on, unless the route rewrites them.
    RequestTarget target() {
        return target;
    }

    @Override
    public String host() {
        return host.host();
    }

    @Override
    public String sentHost() {
        return sentHost;
    }

    /// The route sends the request with an authority of its own.
    ///
    /// @param rewritten its host
    void sendTo(String rewritten) {
        sentHost = rewritten;
    }

    @Override
    public String authority() {
        return portImplied ? host.host() : namedAuthority();
    }

    @Override
    public String namedAuthority() {
        if (namedAuthority == null) {
            namedAuthority = host.authority();
        }
        return namedAuthority;
    }

    @Override
    public String path() {
        return target.path();
    }

    /// Kept: many rules ask.
    @Override
    public List<String> pathReadings() {
        if (pathReadings == null) {
            pathReadings = PolicyRequest.super.pathReadings();
        }
        return pathReadings;
    }

    @Override
    public @Nullable String query() {
        return target.query();
    }

    @Override
    public Headers fields() {
        return head.headers;
    }

    @Override
    public void replaceQuery(@Nullable String query) {
        target = new RequestTarget(target.path(), query, null);
        pathAndQuery = null;
    }

    @Override
    public SignatureBudget signatures() {
        return results().signatures;
    }

    @Override
    public LastToken lastToken() {
        return connection == null ? new LastToken() : connection.lastToken;
    }

    @Override
    public Claims claims() {
        return results == null ? Claims.NONE : results.claims;
    }

    public boolean isPreflight() {
        return Routing.isPreflight(head);
    }

    /// These rules have passed the request, and have accepted these of its tokens.
    public void accepted(TokenRules rules, List<TokenRules.Accepted> tokens) {
        results().accepted(rules, tokens);
    }

    /// Those that have passed the request.
    public List<TokenRules> tokenRules() {
        return results == null ? List.of() : results.tokenRules;
    }

    /// The tokens that those have accepted.
    public List<TokenRules.Accepted> acceptedTokens() {
        return results == null ? List.of() : results.tokens;
    }

    /// From now on those claims count which these rules have verified: they are whom the next questions are for.
    public void claimsFor(TokenRules rules) {
        if (results != null) {
            results.claimsFor(rules);
        }
    }

    /// From now on those claims count which these rules have verified, of the request or of this copy of it.
    void claimsOfCopy(TokenRules rules, List<TokenRules.Accepted> ofCopy) {
        results().claimsOfCopy(rules, ofCopy);
    }

    /// From now on those count which the first of these have verified that have verified any: a route belongs to all
    /// Gateways that offer its host.
    void claimsForRoutes(List<AppliedPolicies> all) {
        if (results != null) {
            results.claimsForRoutes(all);
        }
    }

    @Override
    public List<String> claim(List<String> path) {
        return claims().texts(path);
    }

    @Override
    public String method() {
        return head.method;
    }

    @Override
    public String scheme() {
        return head.scheme;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public @Nullable CharSequence header(AsciiString lowerCaseName) {
        if (lowerCaseName.byteAt(0) == ':') {
            return pseudoHeader(lowerCaseName);
        }
        return switch (lowerCaseName.length()) {
            case 4 -> lowerCaseName.equals(HeaderNames.HOST) ? authority() : fields.joined(lowerCaseName);
            case 7 -> lowerCaseName.equals(HeaderNames.UPGRADE) ? head.upgrade : fields.joined(lowerCaseName);
            default -> fields.joined(lowerCaseName);
        };
    }

    private @Nullable CharSequence pseudoHeader(AsciiString name) {
        return switch (name.toString()) {
            case ":authority" -> authority();
            case ":method" -> head.method;
            case ":path" -> pathAndQuery();
            case ":scheme" -> scheme();
            default -> null;
        };
    }

    private String pathAndQuery() {
        if (pathAndQuery == null) {
            pathAndQuery = target.pathAndQuery();
        }
        return pathAndQuery;
    }

    @Override
    public @Nullable String sourceNamespace() {
        return client.namespace();
    }

    @Override
    public Map<String, String> sourceLabels() {
        return client.labels();
    }

    @Override
    public HttpVersion downstreamVersion() {
        return head.version;
    }

    @Override
    public boolean switchesProtocol() {
        return head.upgrade != null;
    }

    @Override
    public boolean isGrpc() {
        return grpc;
    }

    @Override
    public @Nullable CharSequence hashKey(HashKey key) {
        if (connection == null) {
            return null;
        }
        if (affinity == null) {
            affinity = new Affinity(connection, forwardedFor, head.headers, this);
        }
        return affinity.key(key);
    }

    /// A cookie to be set by the response, which keeps the client's next requests with this one's endpoint; or null.
    @Nullable
    AsciiString newCookie() {
        return affinity == null ? null : affinity.newCookie();
    }

    @Override
    public @Nullable SocketAddress clientAddress() {
        return connection == null ? null : connection.info.remote();
    }

    @Override
    public @Nullable SocketAddress clientDestination() {
        return connection == null ? null : connection.info.local();
    }

    @Override
    public boolean excludes(Endpoint endpoint) {
        return tried != null && tried.excludes(endpoint);
    }

    @Override
    public boolean leavesTriedPriorities() {
        return tried != null && tried.avoidsLocalities();
    }

    /// Whether an endpoint has failed the request that is avoided now.
    boolean hasExcluded() {
        return tried != null && !tried.isEmpty();
    }

    /// Remembers an endpoint that has failed, as far as the policy lets it be avoided.
    void exclude(Endpoint endpoint, RetryPolicy policy, boolean hashed, Cluster cluster) {
        if (tried == null) {
            tried = new TriedEndpoints();
        }
        tried.add(endpoint, policy, hashed, cluster.endpoints());
    }
}
