package io.sallyport.config.validation;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.RequestAuthentication;
import io.sallyport.config.model.RequestAuthentication.ClaimToHeader;
import io.sallyport.config.model.RequestAuthentication.JwtRule;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.jwt.ClaimPath;
import io.sallyport.jwt.JwtSvid;
import io.sallyport.jwt.KeyLocation;
import io.sallyport.jwt.KeySet;
import io.sallyport.jwt.KeySetException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// RequestAuthentication as Istio's `ValidateRequestAuthentication` has it, and stricter where a rule could not verify
/// any token.
final class RequestAuthenticationValidator {
    /// Requests are held as long as that, and their clients wait.
    private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(60);

    private RequestAuthenticationValidator() {}

    static void validate(RequestAuthentication tokens, Place document) {
        Place dryRun = document.field("metadata").field("annotations").key(AuthorizationPolicy.DRY_RUN);
        if (tokens.meta().annotations().containsKey(AuthorizationPolicy.DRY_RUN)) {
            String message = "a dry run is of an AuthorizationPolicy, not of a RequestAuthentication";
            dryRun.report(ProblemCode.BAD_DRY_RUN, message, "delete the annotation");
        }
        Place spec = document.field("spec");
        AttachmentChecks.validate(tokens, spec);
        for (int i = 0; i < tokens.jwtRules().size(); i++) {
            rule(tokens.jwtRules().get(i), spec.field("jwtRules").index(i));
        }
    }

    private static void rule(JwtRule rule, Place place) {
        if (rule.issuer().isEmpty() && rule.jwksUri().isEmpty()) {
            String message = "the rule has neither an issuer nor a jwksUri";
            place.field("issuer").report(ProblemCode.NO_ISSUER, message, "give the issuer, the tokens' claim iss");
        } else {
            keys(rule, place);
        }
        notEmpty(rule.audiences(), place.field("audiences"), "an audience");
        notEmpty(rule.fromParams(), place.field("fromParams"), "a query parameter's name");
        notEmpty(rule.fromCookies(), place.field("fromCookies"), "a cookie's name");
        notEmpty(rule.spaceDelimitedClaims(), place.field("spaceDelimitedClaims"), "a claim's name");
        for (int i = 0; i < rule.fromHeaders().size(); i++) {
            String name = rule.fromHeaders().get(i).name();
            Place header = place.field("fromHeaders").index(i).field("name");
            if (name.isEmpty()) {
                header.report(ProblemCode.BAD_TOKEN_RULE, "a header's name is empty", "give the name");
            } else if (!HeaderChecks.isName(name)) {
                header.report(ProblemCode.BAD_HEADER_NAME, Quote.of(name) + " is not a header's name");
            }
        }
        if (!rule.outputPayloadToHeader().isEmpty()) {
            HeaderChecks.addedName(rule.outputPayloadToHeader(), place.field("outputPayloadToHeader"));
        }
        for (int i = 0; i < rule.outputClaimToHeaders().size(); i++) {
            output(
                    rule.outputClaimToHeaders().get(i),
                    place.field("outputClaimToHeaders").index(i));
        }
        timeout(rule.timeout(), place.field("timeout"));
    }

    private static void timeout(@Nullable Duration timeout, Place place) {
        Checks.time(timeout, place);
        if (timeout != null && timeout.compareTo(LONGEST_TIMEOUT) > 0) {
            String message =
                    "requests would wait for the first keys for more than " + LONGEST_TIMEOUT.toSeconds() + "s";
            place.report(ProblemCode.LONG_KEY_TIMEOUT, message, "give 5s, which is the default, or at most 60s");
        }
    }

    private static void keys(JwtRule rule, Place place) {
        if (JwtSvid.namesTrustDomain(rule.jwksUri())) {
            trustDomain(rule, place);
        } else if (!rule.jwksUri().isEmpty()) {
            if (KeyLocation.parse(rule.jwksUri()) == null) {
                String message = Quote.of(rule.jwksUri()) + " is not a URL of http or https";
                place.field("jwksUri").report(ProblemCode.BAD_JWKS_URI, message, "such as https://issuer.example/jwks");
            }
        } else if (rule.jwks().isEmpty()) {
            if (KeyLocation.discovery(rule.issuer()) == null) {
                String message = Quote.of(rule.issuer()) + " is not a URL, so the issuer's keys cannot be discovered";
                place.field("issuer").report(ProblemCode.BAD_JWKS_URI, message, "give jwksUri, or jwks");
            }
        } else {
            inline(rule.jwks(), place.field("jwks"));
        }
    }

    /// The keys of a trust domain, which the Workload API gives (SPIFFE JWT-SVID section 5: whose audience it is
    /// must be checked).
    private static void trustDomain(JwtRule rule, Place place) {
        if (JwtSvid.trustDomain(rule.jwksUri()) == null) {
            String message = Quote.of(rule.jwksUri()) + " names no trust domain";
            place.field("jwksUri").report(ProblemCode.BAD_JWKS_URI, message, "such as spiffe://cluster.local");
        }
        if (rule.audiences().isEmpty()) {
            String message =
                    "a rule for JWT-SVIDs names no audience, so it would accept those that are meant for others";
            place.field("audiences").report(ProblemCode.JWT_SVID_AUDIENCE, message, "name what they have to be for");
        }
    }

    private static void inline(String jwks, Place place) {
        try {
            for (int index : KeySet.parse(jwks, true).privateKeys()) {
                String message = "key " + index + " is private or secret: whoever can read this can sign tokens";
                place.report(ProblemCode.PRIVATE_JWKS, message, "give public keys, which suffice to verify");
            }
        } catch (KeySetException unusable) {
            place.report(ProblemCode.BAD_JWKS, "the key set " + unusable.getMessage(), "write {\"keys\": [...]}");
        }
    }

    private static void output(ClaimToHeader output, Place place) {
        if (output.header().isEmpty() || output.claim().isEmpty()) {
            String message = "header and claim are both needed";
            place.report(ProblemCode.BAD_TOKEN_RULE, message, "name the header and the claim that it gets");
            return;
        }
        HeaderChecks.addedName(output.header(), place.field("header"));
        if (ClaimPath.dotted(output.claim()).isEmpty()) {
            String message = Quote.of(output.claim()) + " does not name a claim";
            place.field("claim").report(ProblemCode.BAD_CLAIM, message, "write claim, or outer.inner");
        }
    }

    private static void notEmpty(List<String> values, Place place, String what) {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i).isEmpty()) {
                place.index(i).report(ProblemCode.BAD_TOKEN_RULE, what + " is empty", "give it, or delete the element");
            }
        }
    }
}
