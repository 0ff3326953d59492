package io.sallyport.compile;

import io.sallyport.config.index.VirtualServiceTrait;
import io.sallyport.config.model.Headers;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.HttpRouteDestination;
import io.sallyport.config.model.JwtSvidValue;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.RequestAuthentication;
import io.sallyport.config.model.RequestAuthentication.JwtRule;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.jwt.JwtSvid;
import io.sallyport.workload.TokensInUse;
import io.sallyport.workload.WorkloadTokens;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the resources of one configuration want of a Workload API beside the gateway's identity: JWT-SVIDs for
/// audiences, and the keys of trust domains. Reports those that want it where there is none.
final class WorkloadTokenUse {
    private final Compilation compilation;
    private final Set<String> audiences = new HashSet<>();
    private boolean keys;

    WorkloadTokenUse(Compilation compilation) {
        this.compilation = compilation;
    }

    TokensInUse find() {
        for (VirtualService service : compilation.index().virtualServices().those(VirtualServiceTrait.SENDING_TOKENS)) {
            for (HttpRoute route : service.http()) {
                find(route.headers(), service);
                for (HttpRouteDestination destination : route.route()) {
                    find(destination.headers(), service);
                }
            }
        }
        for (RequestAuthentication tokens : compilation.index().configuration().requestAuthentications()) {
            for (JwtRule rule : tokens.jwtRules()) {
                if (JwtSvid.trustDomain(rule.jwksUri()) != null) {
                    keys = true;
                    report(
                            ProblemCode.NO_WORKLOAD_KEYS,
                            tokens.meta().namespace(),
                            rule.at(),
                            "jwksUri",
                            "no Workload API gives the keys of " + rule.jwksUri() + ": its tokens are refused");
                }
            }
        }
        WorkloadTokens giver = compilation.options().tokens();
        return giver == null ? TokensInUse.NONE : new TokensInUse(giver, audiences, keys);
    }

    private void find(@Nullable Headers headers, VirtualService service) {
        Headers.Operations operations = headers == null ? null : headers.request();
        if (headers == null || operations == null) {
            return;
        }
        for (String value : operations.set().values()) {
            JwtSvidValue svid = JwtSvidValue.parse(value.strip());
            if (svid != null) {
                audiences.add(svid.audience());
                report(
                        ProblemCode.NO_JWT_SVID,
                        service.meta().namespace(),
                        headers.at(),
                        "request.set",
                        "no Workload API gives a JWT-SVID for " + svid.audience()
                                + ": requests of the route are answered 503");
            }
        }
    }

    /// Where identities are not read, nobody knows whether there is one.
    private void report(ProblemCode code, String namespace, Position at, String field, String message) {
        if (compilation.options().tokens() == null && compilation.options().identity() != null) {
            Credentials.Asker asker = new Credentials.Asker(namespace, at, field);
            compilation
                    .credentials()
                    .report(code, asker, message, "set sallyport.identity.endpoint-socket, or SPIFFE_ENDPOINT_SOCKET");
        }
    }
}
