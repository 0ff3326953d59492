package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.sallyport.extauth.HeaderEdit;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.PolicyRequest;
import io.sallyport.route.WeightedCluster;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The checks of one request that may take time: a service is asked, or keys are fetched. They run one after the other,
/// and only requests with such checks have an admission.
///
/// While a check has not answered, the request stands still: its client is not read, and what was on its way of
/// the body is held, which is at most one read or one HTTP/2 window. A check that judges the body has more of it
/// read, up to a bound of its own. Nothing bounds the time here, so each check ends by itself.
final class Admission {
    /// One of the checks, for one request. Called on the request's event loop, and answers there.
    interface Check {
        /// Begins. One of [Admission#pass], [Admission#refuse] and [Admission#answer] must follow, once and within a
        /// bounded time, perhaps before this returns; none after [#cancel()].
        ///
        /// @throws ProxyException instead of [Admission#refuse]
        void begin(Admission admission) throws ProxyException;

        /// The request has ended: nobody waits for the answer.
        void cancel();
    }

    /// Which checks a request must pass.
    interface Checks {
        /// Before the policies of the instance and of its Gateways, and before a route is chosen.
        ///
        /// @param policies of those
        List<? extends Check> onArrival(ClientExchange request, RoutingContext routing, List<AppliedPolicies> policies);

        /// Before the policies of the endpoints that the request is to go to.
        ///
        /// @param sent the request as these get it
        List<? extends Check> beforeEndpoints(
                ClientExchange request, RoutingContext routing, WeightedCluster destination, PolicyRequest sent);
    }

    /// Who wants to see the request's body.
    interface BodyReader {
        /// @param body what was asked for of it, or all; the reader's from now on, and shared with what is held
        /// @param whole whether that is all
        void onBody(ByteBuf body, boolean whole);
    }

    /// The rest of a request's way.
    interface Step {
        void run() throws ProxyException;
    }

    /// The request that is checked.
    interface Owner extends HeldBody.Receiver {
        /// It has passed after it had to wait: it goes on, and what was held of its body follows.
        void admitted(Step next);

        void reject(ProxyException failure);

        void rejectDefect(RuntimeException defect);

        void answer(ResponseHead reply, byte[] body, String details);

        /// The response's header, whosever it is, is edited so.
        void editResponse(List<HeaderEdit> edits);

        /// What was held has been handed over: the time to flush.
        void onReadComplete();
    }

    /// Of the bodies of all requests of an event loop that checks want to see: clients choose how many there are.
    private static final long MOST_HELD_BYTES = 64L << 20;

    private final ClientExchange request;
    private final Owner owner;
    private final HeldBody held = new HeldBody();
    private List<? extends Check> checks = List.of();
    private int begun;
    /// The one that has not answered.
    private @Nullable Check pending;

    private @Nullable Step next;
    /// Waits for more of the body.
    private @Nullable BodyReader reader;

    private int wanted;
    /// Bytes that count in the event loop's sum.
    private long counted;
    private boolean beginning;
    private boolean holding;

    Admission(ClientExchange request, Owner owner) {
        this.request = request;
        this.owner = owner;
    }

    /// Begins with checks; those before have been passed.
    ///
    /// @param after where the request goes on if it has to wait
    /// @return whether all are passed already; if not, the request waits or has its answer
    /// @throws ProxyException if one refuses the request at once
    boolean passes(List<? extends Check> all, Step after) throws ProxyException {
        checks = all;
        begun = 0;
        next = after;
        boolean passed = proceed();
        if (!passed && !request.ended()) {
            hold();
        }
        return passed;
    }

    /// @return whether the request has passed all of them
    private boolean proceed() throws ProxyException {
        while (begun < checks.size()) {
            Check check = checks.get(begun++);
            pending = check;
            beginning = true;
            try {
                check.begin(this);
            } finally {
                beginning = false;
            }
            if (pending != null || request.ended()) {
                return false;
            }
        }
        return true;
    }

    private void hold() {
        holding = true;
        if (!request.requestEnded && reader == null) {
            request.downstream.pauseReading();
        }
    }

    /// Whether the request's body is held here.
    boolean holds() {
        return holding;
    }

    // What a check asks for.

    /// Reads the request's body until it has ended or there is more than a bound, and holds it. Called within
    /// [Check#begin], and answered there where the request has none.
    ///
    /// @param most bytes that the reader gets
    void readBody(int most, BodyReader to) {
        wanted = most;
        reader = to;
        if (!deliver()) {
            if (request.head.expectsContinue) {
                request.head.expectsContinue = false;
                request.downstream.writeInformational(100, new Headers(0));
                request.downstream.flush();
            }
            request.downstream.resumeReading();
        }
    }

    /// @return whether the reader has what it waited for
    private boolean deliver() {
        BodyReader to = reader;
        boolean ended = request.requestEnded || held.hasEnd();
        if (to == null || (!ended && held.bytes() <= wanted)) {
            return false;
        }
        reader = null;
        if (!ended) {
            request.downstream.pauseReading();
        }
        to.onBody(held.first(wanted), ended && held.bytes() <= wanted);
        return true;
    }

    /// The response is edited, whosever it will be.
    void editResponse(List<HeaderEdit> edits) {
        owner.editResponse(edits);
    }

    // What a check answers.

    /// The request passes this check.
    void pass() {
        pending = null;
        if (beginning || request.ended()) {
            return;
        }
        try {
            if (proceed()) {
                goOn();
            }
        } catch (ProxyException failure) {
            owner.reject(failure);
        } catch (RuntimeException defect) {
            owner.rejectDefect(defect);
        }
    }

    private void goOn() {
        Step step = next;
        next = null;
        if (step == null) {
            return;
        }
        owner.admitted(step);
        if (pending == null) {
            // Until all is handed over, what arrives queues up behind it.
            held.giveTo(owner);
            holding = false;
            uncount();
            owner.onReadComplete();
        }
    }

    /// The request is refused for the reason given.
    void refuse(ProxyException failure) {
        pending = null;
        if (!request.ended()) {
            owner.reject(failure);
        }
    }

    /// A check has failed by a defect, after it has begun.
    void fail(RuntimeException defect) {
        pending = null;
        if (!request.ended()) {
            owner.rejectDefect(defect);
        }
    }

    /// The request is answered in the check's own words.
    void answer(ResponseHead reply, byte[] body, String details) {
        pending = null;
        if (!request.ended()) {
            owner.answer(reply, body, details);
        }
    }

    // What the client does meanwhile.

    void requestData(ByteBuf data, boolean end) {
        if (request.ended()) {
            data.release();
        } else if (reader == null) {
            held.add(data, end);
        } else {
            hold(data, end);
        }
    }

    private void hold(ByteBuf data, boolean end) {
        int more = data.readableBytes();
        counted += more;
        request.connection.loop.heldForChecks += more;
        boolean fits = HeldMemory.CHECKS.add(more);
        held.join(data, end);
        if (!fits || request.connection.loop.heldForChecks > MOST_HELD_BYTES) {
            refuse(ProxyException.gateway(ResponseFlag.UO, "checked_bodies_overflow"));
        } else {
            deliver();
        }
    }

    private void uncount() {
        request.connection.loop.heldForChecks -= counted;
        HeldMemory.CHECKS.add(-counted);
        counted = 0;
    }

    void requestTrailers(Headers trailers) {
        held.addTrailers(trailers);
        deliver();
    }

    /// The request has ended, however.
    void end() {
        Check cancelled = pending;
        pending = null;
        reader = null;
        if (cancelled != null) {
            cancelled.cancel();
        }
        held.release();
        uncount();
    }
}
