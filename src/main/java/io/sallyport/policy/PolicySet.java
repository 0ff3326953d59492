package io.sallyport.policy;

import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The policies that apply to one thing (a gateway, a host of a Gateway, the endpoints of a cluster), compiled.
/// In Istio's order: what a CUSTOM policy matches is asked about; what a DENY policy matches is denied; where there is
/// an ALLOW policy, what none of them matches is denied, too; all else is allowed.
public final class PolicySet {
    public static final PolicySet NONE = new PolicySet(List.of());

    private final List<Policy> policies;
    /// Whom the CUSTOM policies ask; null where they ask nobody, or several, which no workload may have.
    private final @Nullable Authorizer authorizer;

    private final RuleTable custom;
    private final RuleTable deny;
    private final RuleTable allow;
    private final boolean allowing;
    private final RuleTable audit;
    private final RuleTable trialDeny;
    private final RuleTable trialAllow;
    private final boolean tryingToAllow;

    public PolicySet(List<Policy> policies) {
        this.policies = List.copyOf(policies);
        authorizer = onlyAuthorizer();
        custom = table(Policy.Action.CUSTOM, false);
        deny = table(Policy.Action.DENY, false);
        allow = table(Policy.Action.ALLOW, false);
        allowing = has(Policy.Action.ALLOW, false);
        audit = table(Policy.Action.AUDIT, false);
        trialDeny = table(Policy.Action.DENY, true);
        trialAllow = table(Policy.Action.ALLOW, true);
        tryingToAllow = has(Policy.Action.ALLOW, true);
    }

    private @Nullable Authorizer onlyAuthorizer() {
        Authorizer only = null;
        for (Policy policy : policies) {
            if (policy.action() == Policy.Action.CUSTOM) {
                Authorizer next = policy.authorizer();
                if (next == null || (only != null && only != next)) {
                    return null;
                }
                only = next;
            }
        }
        return only;
    }

    private RuleTable table(Policy.Action action, boolean dryRun) {
        List<Rule> rules = new ArrayList<>();
        for (Policy policy : policies) {
            if (policy.action() == action && policy.dryRun() == dryRun) {
                rules.addAll(policy.rules());
            }
        }
        return rules.isEmpty() ? RuleTable.EMPTY : new RuleTable(rules);
    }

    private boolean has(Policy.Action action, boolean dryRun) {
        return policies.stream().anyMatch(policy -> policy.action() == action && policy.dryRun() == dryRun);
    }

    /// Whether it is asked about what this set is for.
    public boolean has(Policy policy) {
        return policies.contains(policy);
    }

    public boolean isEmpty() {
        return policies.isEmpty();
    }

    /// Whose answer decides about the request before anything else does; null for nobody's.
    public @Nullable Authorizer authorizer(PolicyRequest request) {
        return authorizer == null || custom.match(request) == null ? null : authorizer;
    }

    /// How a request is denied of which an [#authorizer(PolicyRequest)] would have to be asked that has not been; null
    /// where there is none.
    ///
    /// @param asked whether an authorizer has been asked
    public @Nullable Denial unasked(PolicyRequest request, Predicate<Authorizer> asked) {
        Authorizer wanted = authorizer(request);
        return wanted == null || asked.test(wanted) ? null : unasked(request);
    }

    private @Nullable Denial unasked(PolicyRequest request) {
        Rule matched = custom.match(request);
        return matched == null ? null : matched.denial();
    }

    /// Judges a request and notes what policies that are not enforced say of it.
    ///
    /// @throws ProxyException 403 where it is denied
    public void enforce(PolicyRequest request, RequestFacts facts) throws ProxyException {
        if (policies.isEmpty()) {
            return;
        }
        Rule audited = audit.match(request);
        if (audited != null) {
            facts.policy = facts.policy.audited(audited.policy());
        }
        Denial trial = judge(request, trialDeny, trialAllow, tryingToAllow);
        if (trial != null) {
            facts.policy = facts.policy.tried(trial.details());
        }
        Denial denial = judge(request);
        if (denial != null) {
            facts.policy = facts.policy.denied(denial.policy());
            throw denial.exception();
        }
    }

    /// As [#enforce], by what denies alone.
    ///
    /// @throws ProxyException 403 where it is denied
    public void enforceDenials(PolicyRequest request, RequestFacts facts) throws ProxyException {
        Rule trial = trialDeny.match(request);
        if (trial != null) {
            facts.policy = facts.policy.tried(trial.denial().details());
        }
        Denial denial = denial(request);
        if (denial != null) {
            facts.policy = facts.policy.denied(denial.policy());
            throw denial.exception();
        }
    }

    /// As [#judge(PolicyRequest)], by what denies alone.
    public @Nullable Denial denial(PolicyRequest request) {
        Denial unasked = authorizer == null ? unasked(request) : null;
        if (unasked != null) {
            return unasked;
        }
        Rule denying = deny.match(request);
        return denying == null ? null : denying.denial();
    }

    /// @return null where the request is allowed; where there is an [#authorizer(PolicyRequest)], if that allows it,
    /// too
    public @Nullable Denial judge(PolicyRequest request) {
        Denial denial = denial(request);
        return denial != null || !allowing || allow.match(request) != null ? denial : Denial.NOT_ALLOWED;
    }

    /// As [#judge(PolicyRequest)], where nobody is asked any more.
    ///
    /// @param asked whether an authorizer has been asked
    public @Nullable Denial judge(PolicyRequest request, Predicate<Authorizer> asked) {
        Denial unasked = unasked(request, asked);
        return unasked != null ? unasked : judge(request);
    }

    /// What one policy says of a request.
    ///
    /// @param rule the first that matches, or -1
    /// @param nearest where none matches, the condition that keeps the nearest rule from it; empty where there
    ///     is no rule
    /// @param nearestRule that rule, or -1
    /// @param holding how many of its conditions hold
    /// @param asked whose answer decides where a rule matches; null where the policy decides by itself
    public record Opinion(
            Policy policy,
            int rule,
            String nearest,
            int nearestRule,
            int holding,
            @Nullable Authorizer asked) {}

    /// What each of the policies says of a request, for explanations.
    public List<Opinion> opinions(PolicyRequest request) {
        return policies.stream()
                .map(policy -> opinion(policy, request, policy.action() == Policy.Action.CUSTOM ? authorizer : null))
                .toList();
    }

    private static Opinion opinion(Policy policy, PolicyRequest request, @Nullable Authorizer asked) {
        Rule.Mismatch nearest = null;
        int nearestRule = -1;
        for (Rule rule : policy.rules()) {
            Rule.Mismatch mismatch = rule.mismatch(request);
            if (mismatch == null) {
                return new Opinion(policy, rule.index(), "", -1, 0, asked);
            }
            if (nearest == null || mismatch.holding() > nearest.holding()) {
                nearest = mismatch;
                nearestRule = rule.index();
            }
        }
        return nearest == null
                ? new Opinion(policy, -1, "", -1, 0, asked)
                : new Opinion(policy, -1, nearest.text(), nearestRule, nearest.holding(), asked);
    }

    private static @Nullable Denial judge(PolicyRequest request, RuleTable deny, RuleTable allow, boolean allowing) {
        Rule denying = deny.match(request);
        if (denying != null) {
            return denying.denial();
        }
        return !allowing || allow.match(request) != null ? null : Denial.NOT_ALLOWED;
    }
}
