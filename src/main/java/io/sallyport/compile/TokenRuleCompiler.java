package io.sallyport.compile;

import io.sallyport.config.model.RequestAuthentication;
import io.sallyport.config.model.RequestAuthentication.ClaimToHeader;
import io.sallyport.config.model.RequestAuthentication.JwtHeader;
import io.sallyport.config.model.RequestAuthentication.JwtRule;
import io.sallyport.jwt.ClaimPath;
import io.sallyport.jwt.KeySetException;
import io.sallyport.jwt.KeySource;
import io.sallyport.jwt.TokenRule;
import io.sallyport.net.AsciiCase;
import java.util.List;

/// Compiles the rules of RequestAuthentications.
final class TokenRuleCompiler {
    static List<TokenRule> compile(RequestAuthentication tokens) {
        return tokens.jwtRules().stream().map(TokenRuleCompiler::compile).toList();
    }

    private TokenRuleCompiler() {}

    private static TokenRule compile(JwtRule rule) {
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

    private static KeySource keys(JwtRule rule) {
        try {
            return KeySource.Inline.of(rule.jwks());
        } catch (KeySetException unusable) {
            throw new IllegalStateException("an unusable key set passed the checks: " + rule.at(), unusable);
        }
    }
}
