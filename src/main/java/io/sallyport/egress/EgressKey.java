package io.sallyport.egress;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What is counted together of what mesh clients asked for.
///
/// @param permit the resource that let it out; null for [Outcome#UNLISTED] and [Outcome#DENIED]
/// @param host the permit's host pattern, or the host that was asked for
/// @param how `HTTP`, `TLS` or `TCP`; for [Outcome#DENIED] the reason, from the response code details
record EgressKey(Outcome outcome, @Nullable String permit, String host, int port, String how) {
    /// What became of a request.
    enum Outcome {
        /// Let out by an entry of the list.
        LISTED,
        /// Let out because everything is; only what had an endpoint, or every slip of a client would be learned.
        UNLISTED,
        /// Answered 403.
        DENIED;

        /// Null where the request is not a mesh client's, or failed before it was let out.
        static @Nullable Outcome of(RequestFacts facts) {
            if (facts.egress.host() == null) {
                return null;
            }
            return facts.flag == ResponseFlag.RBAC ? DENIED : ofLetOut(facts);
        }

        /// The same, whatever became of it afterwards.
        static @Nullable Outcome ofLetOut(RequestFacts facts) {
            if (facts.egress.host() == null || facts.egress.permit() == null) {
                return null;
            }
            if (!facts.egress.permit().equals(EVERYTHING)) {
                return LISTED;
            }
            return facts.endpoint.address() == null ? null : UNLISTED;
        }
    }

    /// The permit of hosts that no resource names.
    static final String EVERYTHING = "egress mode";

    static final String OVERFLOW = "overflow";

    static EgressKey of(Outcome outcome, RequestFacts facts) {
        return new EgressKey(
                outcome,
                outcome == Outcome.LISTED ? facts.egress.permit() : null,
                host(outcome, facts),
                facts.egress.port(),
                how(outcome, facts));
    }

    private static String host(Outcome outcome, RequestFacts facts) {
        String host = outcome == Outcome.LISTED && facts.egress.pattern() != null
                ? facts.egress.pattern()
                : facts.egress.host();
        return host == null ? "" : host;
    }

    private static String how(Outcome outcome, RequestFacts facts) {
        String how = outcome == Outcome.DENIED ? facts.details : facts.egress.protocol();
        return how == null ? "" : how;
    }

    /// What this is counted as when there are too many.
    EgressKey overflow() {
        return new EgressKey(outcome, null, OVERFLOW, 0, how);
    }

    /// A hash of what [#matches] compares, without making a key first.
    static int hash(Outcome outcome, RequestFacts facts) {
        int hash = outcome.ordinal() * 31 + facts.egress.port();
        hash = hash * 31 + host(outcome, facts).hashCode();
        hash = hash * 31 + how(outcome, facts).hashCode();
        hash = hash * 31 + (outcome == Outcome.LISTED ? Objects.hashCode(facts.egress.permit()) : 0);
        return hash ^ hash >>> 16;
    }

    boolean matches(Outcome wanted, RequestFacts facts) {
        return outcome == wanted
                && port == facts.egress.port()
                && host.equals(host(wanted, facts))
                && how.equals(how(wanted, facts))
                && (wanted != Outcome.LISTED || Objects.equals(permit, facts.egress.permit()));
    }
}
