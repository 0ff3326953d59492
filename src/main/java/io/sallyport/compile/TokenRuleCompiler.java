package io.sallyport.compile;

import io.sallyport.config.model.RequestAuthentication;
import io.sallyport.config.model.RequestAuthentication.ClaimToHeader;
import io.sallyport.config.model.RequestAuthentication.JwtHeader;
import io.sallyport.config.model.RequestAuthentication.JwtRule;
import io.sallyport.jwks.KeyRoute;
import io.sallyport.jwks.KeySetOrigin;
import io.sallyport.jwt.ClaimPath;
import io.sallyport.jwt.JwtSvid;
import io.sallyport.jwt.KeyLocation;
import io.sallyport.jwt.KeySetException;
import io.sallyport.jwt.KeySource;
import io.sallyport.jwt.TokenRule;
import io.sallyport.net.AsciiCase;
import java.time.Duration;
import java.util.List;

/// Compiles the rules of RequestAuthentications.
final class TokenRuleCompiler {
    private final Compilation compilation;

    TokenRuleCompiler(Compilation compilation) {
        this.compilation = compilation;
    }

    List<TokenRule> compile(RequestAuthentication tokens) {
        return tokens.jwtRules().stream().map(this::compile).toList();
    }

    private TokenRule compile(JwtRule rule) {
        TokenRule.Builder compiled = new TokenRule.Builder(rule.issuer(), keys(rule))
                .audiences(rule.audiences())
                .forwardOriginal(rule.forwardOriginalToken())
                .spaceDelimited(rule.spaceDelimitedClaims());
        for (JwtHeader header : rule.fromHeaders()) {
            compiled.fromHeader(AsciiCase.lower(header.name()), header.prefix());
        }
        rule.fromParams().forEach(compiled::fromParameter);
        rule.fromCookies().forEach(compiled::fromCookie);
        if (!rule.outputPayloadToHeader().isEmpty()) {
            compiled.payloadToHeader(AsciiCase.lower(rule.outputPayloadToHeader()));
        }
        for (ClaimToHeader output : rule.outputClaimToHeaders()) {
            compiled.claimToHeader(AsciiCase.lower(output.header()), ClaimPath.dotted(output.claim()));
        }
        return compiled.build();
    }

    private KeySource keys(JwtRule rule) {
        String trustDomain = JwtSvid.trustDomain(rule.jwksUri());
        if (trustDomain != null) {
            return compilation.options().workloadKeys(trustDomain);
        }
        if (rule.jwks().isEmpty()) {
            return fetched(rule);
        }
        try {
            return KeySource.Inline.of(rule.jwks());
        } catch (KeySetException unusable) {
            throw new IllegalStateException("an unusable key set passed the checks: " + rule.at(), unusable);
        }
    }

    private KeySource fetched(JwtRule rule) {
        boolean discovery = rule.jwksUri().isEmpty();
        KeyLocation location = discovery ? KeyLocation.discovery(rule.issuer()) : KeyLocation.parse(rule.jwksUri());
        if (location == null) {
            throw new IllegalStateException("an origin of keys passed the checks: " + rule.at());
        }
        Duration timeout = rule.timeout() == null ? KeyRoute.DEFAULT_TIMEOUT : rule.timeout();
        ClusterCompiler clusters = compilation.clusters();
        return compilation
                .keys()
                .require(
                        new KeySetOrigin(location, discovery),
                        new KeyRoute(
                                clusters.ofOwnCalls(location.host(), location.port()),
                                clusters.guards().outside(),
                                timeout));
    }
}
