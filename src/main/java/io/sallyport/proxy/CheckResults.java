package io.sallyport.proxy;

import io.sallyport.extauth.HeaderEdit;
import io.sallyport.jwt.Claims;
import io.sallyport.jwt.SignatureBudget;
import io.sallyport.jwt.TokenRules;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Authorizer;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the checks of one request have found: its tokens, and what external authorizers have said of it. A request that
/// nothing is checked of has none.
final class CheckResults {
    final SignatureBudget signatures = new SignatureBudget();
    /// That have passed the request.
    List<TokenRules> tokenRules = List.of();
    /// That those have accepted.
    List<TokenRules.Accepted> tokens = List.of();
    Claims claims = Claims.NONE;
    /// The checks of endpoints with these policies are those that the request passes; null where they have none.
    @Nullable
    AppliedPolicies checkedBy;

    /// How external authorizers have edited the fields.
    List<HeaderEdit> edits = List.of();
    private List<String> asked = List.of();

    void accepted(TokenRules rules, List<TokenRules.Accepted> of) {
        tokenRules = joined(tokenRules, List.of(rules));
        tokens = joined(tokens, of);
    }

    void claimsFor(TokenRules rules) {
        claims = tokens.isEmpty() ? Claims.NONE : rules.claims(tokens);
    }

    /// Those of the request count, and those of a copy of it.
    void claimsOfCopy(TokenRules rules, List<TokenRules.Accepted> ofCopy) {
        claims = rules.claims(joined(tokens, ofCopy));
    }

    void claimsForRoutes(List<AppliedPolicies> all) {
        claims = Claims.NONE;
        for (int i = 0; i < all.size() && claims.isEmpty(); i++) {
            claimsFor(all.get(i).tokens());
        }
    }

    void asked(Authorizer authorizer) {
        asked = joined(asked, List.of(authorizer.name()));
    }

    /// Whether it has been asked, by whatever settings its provider had then.
    boolean hasAsked(Authorizer authorizer) {
        return asked.contains(authorizer.name());
    }

    void edited(List<HeaderEdit> more) {
        edits = joined(edits, more);
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        if (first.isEmpty() || second.isEmpty()) {
            return first.isEmpty() ? second : first;
        }
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
