package io.sallyport.proxy;

import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.jwt.KeySource;
import io.sallyport.jwt.LastToken;
import io.sallyport.jwt.SignatureBudget;
import io.sallyport.jwt.TokenCarrier;
import io.sallyport.jwt.TokenFault;
import io.sallyport.jwt.TokenRules;
import io.sallyport.jwt.TokenRules.Accepted;
import io.sallyport.jwt.TokenRules.Passed;
import io.sallyport.jwt.TokenRules.Refused;
import io.sallyport.jwt.TokenRules.Verdict;
import io.sallyport.jwt.TokenRules.Waiting;
import io.sallyport.outcome.RequestFacts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Verifies the tokens of one request by rules that apply to it (RequestAuthentication).
final class TokenCheck implements Admission.Check {
    /// Characters of the realm, as at Envoy.
    private static final int LONGEST_REALM = 256;

    private final ClientExchange request;
    private final RoutingContext routing;
    private final List<TokenRules> all;
    private boolean cancelled;
    /// Whose keys this waits for, and what they run then.
    private List<KeySource> awaited = List.of();

    private Runnable arrived = () -> {};

    /// @param all each of which the request must pass
    TokenCheck(ClientExchange request, RoutingContext routing, List<TokenRules> all) {
        this.request = request;
        this.routing = routing;
        this.all = all;
    }

    @Override
    public void begin(Admission admission) {
        judge(admission, true);
    }

    @Override
    public void cancel() {
        cancelled = true;
        awaited.forEach(source -> source.forget(arrived));
    }

    /// A preflight has no credentials, so none are asked for and none count (Fetch, 3.2.2).
    ///
    /// @param mayWait for keys that are on their way
    private void judge(Admission admission, boolean mayWait) {
        long now = now(request);
        List<List<Accepted>> accepted = new ArrayList<>(all.size());
        for (TokenRules rules : all) {
            Verdict verdict =
                    Routing.isPreflight(request.head) ? new Passed(List.of()) : rules.judge(routing, now, mayWait);
            switch (verdict) {
                case Passed passed -> accepted.add(passed.accepted());
                case Refused refused -> {
                    refuse(admission, refused.fault());
                    return;
                }
                case Waiting waiting -> {
                    await(waiting.keys(), admission);
                    return;
                }
            }
        }
        for (int i = 0; i < accepted.size(); i++) {
            all.get(i).rewrite(routing, accepted.get(i), routing.tokenRules(), routing.acceptedTokens());
            routing.accepted(all.get(i), accepted.get(i));
        }
        admission.pass();
    }

    /// What may be a token is in nobody's log, whatever becomes of the request.
    static void hideTokens(TokenRules rules, RequestFacts facts) {
        String path = facts.path;
        int mark = path.indexOf('?');
        if (mark >= 0) {
            String query = rules.withoutTokens(path.substring(mark + 1));
            facts.path = query == null ? path.substring(0, mark) : path.substring(0, mark + 1) + query;
        }
    }

    /// Judges once more when all of them have arrived, or will not.
    private void await(List<KeySource> keys, Admission admission) {
        AtomicInteger left = new AtomicInteger(keys.size());
        awaited = keys;
        arrived = () -> {
            if (left.decrementAndGet() == 0) {
                request.downstream.eventLoop().execute(() -> {
                    if (!cancelled) {
                        judgeAgain(admission);
                    }
                });
            }
        };
        keys.forEach(source -> source.whenRenewed(arrived));
    }

    private void judgeAgain(Admission admission) {
        try {
            judge(admission, false);
        } catch (RuntimeException defect) {
            admission.fail(defect);
        }
    }

    /// Whether the tokens of a copy, which waits for no keys, are what rules of its endpoints want. Then its
    /// claims count for their policies; of the request and of its other copies nothing is known by that.
    static boolean passes(TokenRules rules, RequestHead copy, ClientExchange request, RoutingContext routing) {
        HeadCarrier carrier = new HeadCarrier(copy, routing.signatures(), routing.lastToken());
        if (rules.judge(carrier, now(request), false) instanceof Passed passed) {
            rules.rewrite(carrier, passed.accepted(), routing.tokenRules(), routing.acceptedTokens());
            routing.claimsOfCopy(rules, passed.accepted());
            return true;
        }
        return false;
    }

    private record HeadCarrier(RequestHead head, SignatureBudget signatures, LastToken lastToken)
            implements TokenCarrier {
        @Override
        public Headers fields() {
            return head.headers;
        }

        @Override
        public @Nullable String query() {
            int mark = head.path.indexOf('?');
            return mark < 0 ? null : head.path.substring(mark + 1);
        }

        @Override
        public void replaceQuery(@Nullable String query) {
            int mark = head.path.indexOf('?');
            String path = mark < 0 ? head.path : head.path.substring(0, mark);
            head.path = query == null ? path : path + '?' + query;
        }
    }

    private static long now(ClientExchange request) {
        return request.connection.loop.clockMillis.getAsLong() / 1000;
    }

    /// As Envoy answers (RFC 6750, 3); without the query, which may hold the token.
    private void refuse(Admission admission, TokenFault fault) {
        String realm = routing.scheme() + "://" + routing.sentAuthority() + routing.path();
        String bounded = realm.length() > LONGEST_REALM ? realm.substring(0, LONGEST_REALM) : realm;
        String quoted = bounded.replace("\\", "%5C").replace("\"", "%22");
        ResponseHead reply = new ResponseHead(fault.status(), new Headers(8));
        reply.headers.add(HeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"" + quoted + "\", error=\"invalid_token\"");
        admission.answer(reply, fault.text().getBytes(StandardCharsets.UTF_8), fault.details());
    }
}
