package io.sallyport.tunnel;

import io.sallyport.extauth.CheckedRequest;
import io.sallyport.extauth.Consultation;
import io.sallyport.extauth.Verdict;
import io.sallyport.http.RequestHead;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.Authorizer;
import io.sallyport.policy.Denial;
import io.sallyport.policy.PolicySet;
import io.sallyport.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What policies say of one tunnel. The external authorizers that they name are asked first, one after the other and
/// each once (Istio's and Envoy's network filter `ext_authz`); then the other policies judge.
///
/// While an authorizer has not answered, the tunnel stands still. Nothing but the authorizer's timeout bounds that.
final class TunnelAuthorization implements Consultation.Listener {
    private static final int FORBIDDEN = 403;

    /// Policies, and the tunnel as they see it.
    record Judges(PolicySet policies, TunnelRequest request) {}

    /// A tunnel's further way.
    interface Step {
        void run() throws ProxyException;
    }

    /// The tunnel.
    interface Owner {
        /// It has to wait for an answer: its client is not read meanwhile.
        void onWait();

        /// It goes on, or is refused by what is thrown.
        void proceed(Step next);
    }

    private final TunnelLoop loop;
    private final Snapshot snapshot;
    private final RequestFacts facts;
    private final Owner owner;
    /// By name, whatever settings its provider had then; the one that is being asked among them.
    private final List<String> asked = new ArrayList<>(1);
    private @Nullable Pending pending;

    /// A question that has no answer yet.
    ///
    /// @param next where the tunnel goes on if it is allowed
    private record Pending(Authorizer authorizer, Consultation consultation, Step next) {}

    TunnelAuthorization(TunnelLoop loop, Snapshot snapshot, RequestFacts facts, Owner owner) {
        this.loop = loop;
        this.snapshot = snapshot;
        this.facts = facts;
        this.owner = owner;
    }

    /// Lets the tunnel go on once all of the policies let it, perhaps before this returns.
    ///
    /// @param policies is asked again after each answer: endpoints may have changed meanwhile
    /// @throws ProxyException 403 where they deny it
    void enforce(Supplier<List<Judges>> policies, Step next) throws ProxyException {
        List<Judges> all = policies.get();
        for (Judges each : all) {
            Authorizer authorizer = each.policies().authorizer(each.request());
            if (authorizer != null && mustAsk(authorizer)) {
                ask(authorizer, each.request(), () -> enforce(policies, next));
                return;
            }
        }
        for (Judges each : all) {
            each.policies().enforce(each.request(), facts);
        }
        next.run();
    }

    /// One that only judges requests is asked about those within a tunnel; where bytes are relayed, its policies deny.
    private boolean mustAsk(Authorizer authorizer) {
        return authorizer.judgesBytes() && !asked.contains(authorizer.name());
    }

    /// @return why these policies deny the tunnel as it is, among them those that want an authorizer asked that has not
    ///     been
    @Nullable
    Denial judge(List<Judges> all) {
        for (Judges each : all) {
            Denial denial = each.policies().judge(each.request(), authorizer -> !mustAsk(authorizer));
            if (denial != null) {
                return denial;
            }
        }
        return null;
    }

    private void ask(Authorizer authorizer, TunnelRequest request, Step next) {
        Consultation consultation =
                new Consultation(loop.upstream(), snapshot.clusters().cluster(authorizer.cluster()), authorizer, this);
        asked.add(authorizer.name());
        pending = new Pending(authorizer, consultation, next);
        owner.onWait();
        RequestHead connect = request.connect();
        if (connect == null) {
            consultation.ask(request.caller());
        } else {
            // Without a body or a path; a tunnel has no header that a question could come back by.
            consultation.ask(
                    new CheckedRequest(connect, "", request.caller(), facts.startMillis, null, false), _ -> {});
        }
    }

    /// Takes the question back that has no answer; it is asked again if the tunnel goes on in another way.
    void cancel() {
        Pending open = pending;
        pending = null;
        if (open != null) {
            asked.remove(open.authorizer().name());
            open.consultation().cancel();
        }
    }

    /// Of an allowance only that it is one counts: there is no header to edit.
    @Override
    public void onVerdict(Verdict verdict) {
        Pending answered = pending;
        pending = null;
        if (answered == null) {
            return;
        }
        Authorizer authorizer = answered.authorizer();
        facts.policy = facts.policy.asked(authorizer.name());
        loop.observer().onAuthorization(authorizer.name(), verdict.outcome(authorizer.failOpen()));
        switch (verdict) {
            case Verdict.Allowed _ -> owner.proceed(answered.next());
            case Verdict.Denied denied -> deny(denied.status(), "ext_authz_denied");
            case Verdict.Unanswered _ -> {
                if (authorizer.failOpen()) {
                    owner.proceed(answered.next());
                } else {
                    deny(authorizer.statusOnError(), "ext_authz_error");
                }
            }
        }
    }

    /// @param status only CONNECT has one; 403 stands for what a client would take for an open tunnel
    private void deny(int status, String details) {
        int sent = status < 300 || status > 599 ? FORBIDDEN : status;
        owner.proceed(() -> {
            throw new ProxyException(ResponseFlag.UAEX, sent, details, ProxyException.Source.GATEWAY, false, null);
        });
    }
}
