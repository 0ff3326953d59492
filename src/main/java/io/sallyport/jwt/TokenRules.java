package io.sallyport.jwt;

import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rules for tokens that apply to one thing (a gateway, the endpoints of a cluster).
///
/// A request without a token passes; with tokens, where each of them is in the places of a rule that accepts all
/// that it finds there. At Envoy one such rule is enough, whatever other rules find: here a second token that
/// nobody has verified never gets past the first.
public final class TokenRules {
    public static final TokenRules NONE = new TokenRules(List.of());

    /// Tokens in one request: it does not choose how much work it makes.
    private static final int MOST_TOKENS = 8;

    private final List<TokenRule> rules;
    /// Whether a token sets headers by any of them.
    private final boolean withOutputs;

    public TokenRules(List<TokenRule> rules) {
        this.rules =
                rules.stream().sorted(Comparator.comparing(TokenRule::issuer)).toList();
        withOutputs = rules.stream().anyMatch(rule -> !rule.outputHeaders().isEmpty());
    }

    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /// What the rules say of a request.
    public sealed interface Verdict {}

    /// @param accepted in the order of the rules; empty where there is no token
    public record Passed(List<Accepted> accepted) implements Verdict {}

    public record Refused(TokenFault fault) implements Verdict {}

    /// Keys are on their way that may decide it.
    public record Waiting(List<KeySource> keys) implements Verdict {}

    /// A token that a rule accepts.
    public static final class Accepted {
        private final TokenRule rule;
        private final TokenPlace place;
        private final Jwt jwt;
        /// Whether no earlier rule accepts it, too.
        private final boolean first;

        private Accepted(TokenRule rule, Found found, Jwt jwt, boolean first) {
            this.rule = rule;
            this.place = found.place;
            this.jwt = jwt;
            this.first = first;
        }

        /// Headers that no other token has yet are this one's.
        private void own(Map<AsciiString, String> owners) {
            for (AsciiString header : rule.outputHeaders()) {
                owners.putIfAbsent(header, jwt.payload());
            }
        }

        /// For explanations.
        public String words() {
            String subject = jwt.claims().text("sub");
            return "accepted for issuer " + (rule.issuer().isEmpty() ? "(any)" : rule.issuer()) + ": "
                    + (subject == null ? "it has no subject" : "request principal " + jwt.issuer() + '/' + subject)
                    + (rule.keys().keys() == null
                            ? "; its signature is not looked at, for the keys are fetched by `serve` alone"
                            : "");
        }
    }

    /// Takes out of a request what only a verified token may put there, and puts there what the accepted ones
    /// say. Each header is of one token, the first whose rule names it, as its claims are those that count: two
    /// identities are never made into one.
    ///
    /// @param accepted by these rules
    /// @param before rules that have done so before: what they have put there stays
    /// @param earlier tokens that those have accepted
    public void rewrite(
            TokenCarrier request, List<Accepted> accepted, List<TokenRules> before, List<Accepted> earlier) {
        for (TokenRule rule : rules) {
            if (!rule.outputHeaders().isEmpty() && !isAmong(before, rule)) {
                rule.removeOutputs(request.fields());
            }
        }
        Map<AsciiString, String> owners = withOutputs ? new HashMap<>() : Map.of();
        for (Accepted each : earlier) {
            if (withOutputs && rules.contains(each.rule)) {
                each.own(owners);
            }
        }
        for (Accepted each : accepted) {
            if (each.first) {
                each.own(owners);
                each.rule.apply(request, each.jwt, each.place, owners);
            }
        }
    }

    /// Whether a request that these have passed has passed all of those here.
    public boolean areWithin(List<TokenRules> passed) {
        for (TokenRule rule : rules) {
            if (!isAmong(passed, rule)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAmong(List<TokenRules> all, TokenRule rule) {
        for (TokenRules others : all) {
            if (others.rules.contains(rule)) {
                return true;
            }
        }
        return false;
    }

    /// Takes out of trailers, which servers may read as headers, what only a verified token may have put into a
    /// request, and tokens, which nobody has verified there.
    public void removeFromTrailers(Headers trailers) {
        for (TokenRule rule : rules) {
            rule.removeOutputs(trailers);
            for (TokenPlace place : rule.places()) {
                if (place instanceof TokenPlace.Field field) {
                    trailers.remove(field.name());
                }
            }
        }
    }

    /// A query without what these rules take for tokens, whatever they think of them: as logs may have it.
    ///
    /// @return null where nothing is left
    public @Nullable String withoutTokens(String query) {
        String left = query;
        for (TokenRule rule : rules) {
            for (TokenPlace place : rule.places()) {
                if (left != null && place instanceof TokenPlace.Parameter parameter) {
                    left = parameter.removedFrom(left);
                }
            }
        }
        return left;
    }

    /// The claims that count for whom these rules apply to: of a token that one of them has accepted.
    public Claims claims(List<Accepted> accepted) {
        for (Accepted each : accepted) {
            if (rules.contains(each.rule)) {
                return each.rule.claims(each.jwt);
            }
        }
        return Claims.NONE;
    }

    /// @param now seconds since 1970
    /// @param mayWait false for a request that has waited for keys already
    public Verdict judge(TokenCarrier request, long now, boolean mayWait) {
        return new Judgement(request, now, mayWait, false).verdict();
    }

    /// For explanations, where nobody fetches keys: a signature that these would have to verify is taken for good.
    ///
    /// @param now seconds since 1970
    public Verdict explain(TokenCarrier request, long now) {
        return new Judgement(request, now, false, true).verdict();
    }

    /// A text that was found, and where.
    private record Found(TokenPlace place, AsciiString compact) {}

    private static final class Token {
        private final AsciiString compact;
        private final TokenHash hash;
        private @Nullable Jwt jwt;

        Token(AsciiString compact, TokenHash hash) {
            this.compact = compact;
            this.hash = hash;
        }

        Jwt parsed() throws TokenException {
            Jwt parsed = jwt;
            if (parsed == null) {
                parsed = Jwt.parse(compact.toString());
                jwt = parsed;
            }
            return parsed;
        }
    }

    private final class Judgement {
        private final TokenCarrier request;
        private final long now;
        private final boolean mayWait;
        private final boolean trusting;
        private final List<Token> tokens = new ArrayList<>();
        private final List<Accepted> accepted = new ArrayList<>();
        private final List<KeySource> awaited = new ArrayList<>();
        private @Nullable TokenFault fault;

        Judgement(TokenCarrier request, long now, boolean mayWait, boolean trusting) {
            this.request = request;
            this.now = now;
            this.mayWait = mayWait;
            this.trusting = trusting;
        }

        Verdict verdict() {
            // Lists, which are nearly always of one element: hashing a token is as dear as comparing two.
            List<Found> open = new ArrayList<>();
            List<Found> closed = new ArrayList<>();
            for (TokenRule rule : rules) {
                List<Found> found = find(rule);
                if (found.size() > MOST_TOKENS) {
                    return new Refused(TokenFault.MULTIPLE);
                }
                List<Found> all = acceptsAll(rule, found, closed) ? closed : open;
                found.forEach(each -> addAbsent(each, all));
            }
            open.removeAll(closed);
            if (open.isEmpty()) {
                return new Passed(accepted);
            }
            if (!awaited.isEmpty()) {
                return new Waiting(awaited);
            }
            return new Refused(fault == null ? TokenFault.UNKNOWN_ISSUER : fault);
        }

        /// One more than there may be at most.
        private List<Found> find(TokenRule rule) {
            List<Found> found = new ArrayList<>();
            for (TokenPlace place : rule.places()) {
                place.find(request, compact -> {
                    if (found.size() <= MOST_TOKENS) {
                        addAbsent(new Found(place, compact), found);
                    }
                });
            }
            return found;
        }

        private static void addAbsent(Found found, List<Found> all) {
            if (!all.contains(found)) {
                all.add(found);
            }
        }

        private Token token(AsciiString compact) {
            for (Token each : tokens) {
                if (each.compact.equals(compact)) {
                    return each;
                }
            }
            Token token = new Token(compact, request.lastToken().hash(compact));
            tokens.add(token);
            return token;
        }

        private boolean acceptsAll(TokenRule rule, List<Found> found, List<Found> closed) {
            List<Accepted> ofRule = new ArrayList<>();
            try {
                for (Found each : found) {
                    Jwt jwt = verified(rule, token(each.compact));
                    if (jwt == null) {
                        return false;
                    }
                    ofRule.add(new Accepted(rule, each, jwt, !closed.contains(each)));
                }
            } catch (TokenException refused) {
                // What is wrong with a token says more than that it is another issuer's.
                if (fault == null || fault == TokenFault.UNKNOWN_ISSUER) {
                    fault = refused.fault();
                }
                return false;
            }
            accepted.addAll(ofRule);
            return true;
        }

        /// Null where that depends on keys which are on their way.
        private @Nullable Jwt verified(TokenRule rule, Token token) throws TokenException {
            KeySource source = rule.keys();
            KeySet keys = source.keys();
            Jwt known = keys == null ? null : keys.known(token.hash);
            Jwt jwt = known == null ? token.parsed() : known;
            rule.check(jwt, now);
            if (known != null) {
                request.lastToken().keep(token.compact, token.hash);
                return known;
            }
            if ((keys == null || !keys.mayHave(jwt.kid())) && source.renew() && mayWait) {
                if (!awaited.contains(source)) {
                    awaited.add(source);
                }
                return null;
            }
            if (keys == null && trusting) {
                return jwt;
            }
            if (keys == null) {
                throw TokenFault.FETCH.exception();
            }
            keys.verify(token.compact.toString(), token.hash, jwt, request.signatures());
            return jwt;
        }
    }
}
