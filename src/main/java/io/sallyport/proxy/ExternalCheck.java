package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.sallyport.extauth.CheckedRequest;
import io.sallyport.extauth.Consultation;
import io.sallyport.extauth.HeaderEdit;
import io.sallyport.extauth.Verdict;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.Authorizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Asks an external authorizer about one request: sends what its protocol says, waits within its time, and lets the
/// request go on, edited, or answers it.
final class ExternalCheck implements Admission.Check, Admission.BodyReader, Consultation.Listener {
    private static final int FORBIDDEN = 403;
    private static final int PAYLOAD_TOO_LARGE = 413;
    private static final byte[] NO_BODY = {};

    private final Authorizer authorizer;
    private final ClientExchange request;
    private final RoutingContext routing;
    private final RequestHead asked;
    private final String target;
    private @Nullable Admission admission;
    private @Nullable Consultation consultation;

    /// @param asked the request that the authorizer is asked about: as it came, or as it is sent
    /// @param target its path and query
    ExternalCheck(
            Authorizer authorizer, ClientExchange request, RoutingContext routing, RequestHead asked, String target) {
        this.authorizer = authorizer;
        this.request = request;
        this.routing = routing;
        this.asked = asked;
        this.target = target;
    }

    @Override
    public void begin(Admission asking) {
        admission = asking;
        Authorizer.Body body = authorizer.body();
        // What follows a request to switch protocols is none of its body.
        if (body == null || request.head.upgrade != null) {
            ask(null, false);
        } else if (!body.partial() && request.head.contentLength > body.most()) {
            tooLarge(asking);
        } else {
            asking.readBody(body.most(), this);
        }
    }

    @Override
    public void onBody(ByteBuf body, boolean whole) {
        Authorizer.Body settings = authorizer.body();
        if (!whole && settings != null && !settings.partial() && admission != null) {
            body.release();
            tooLarge(admission);
        } else {
            ask(body, !whole);
        }
    }

    /// Whatever `failOpen` says, for the client could make its request as long as it likes.
    private static void tooLarge(Admission asking) {
        asking.refuse(ProxyException.downstream(ResponseFlag.DPE, PAYLOAD_TOO_LARGE, "request_payload_too_large"));
    }

    private void ask(@Nullable ByteBuf body, boolean partial) {
        CheckedRequest question =
                new CheckedRequest(asked, target, routing.caller(), request.facts.startMillis, body, partial);
        consultation = new Consultation(
                request.connection.loop.upstream(),
                request.snapshot.clusters().cluster(authorizer.cluster()),
                authorizer,
                this);
        consultation.ask(question, this::complete);
    }

    /// A question that comes back here must not be asked about.
    private void complete(Headers question) {
        Authorizer.Http http = authorizer.http();
        if (http != null) {
            http.added()
                    .apply(
                            question,
                            http.added().isComposed()
                                    ? new ComposedFields(request, request.head.headers, null, List.of())
                                    : UpstreamRequest.FieldEditor.INSTANCE);
        }
        Via via = request.connection.via;
        via.addTo(question, via.written(request.head.headers), request.head.version);
    }

    @Override
    public void cancel() {
        if (consultation != null) {
            consultation.cancel();
        }
    }

    @Override
    public void onVerdict(Verdict verdict) {
        Admission waiting = admission;
        if (waiting == null) {
            return;
        }
        try {
            conclude(verdict, waiting);
        } catch (RuntimeException defect) {
            waiting.fail(defect);
        }
    }

    private void conclude(Verdict verdict, Admission waiting) {
        request.facts.policy = request.facts.policy.asked(authorizer.name());
        request.connection.loop.observer.onAuthorization(authorizer.name(), verdict.outcome(authorizer.failOpen()));
        switch (verdict) {
            case Verdict.Allowed allowed -> {
                HeaderEdit.apply(allowed.toUpstream(), request.head.headers);
                routing.edited(allowed.toUpstream());
                if (!allowed.toClient().isEmpty()) {
                    waiting.editResponse(allowed.toClient());
                }
                waiting.pass();
            }
            case Verdict.Denied denied ->
                deny(waiting, denied.status(), denied.headers(), denied.body(), "ext_authz_denied");
            case Verdict.Unanswered _ -> {
                if (authorizer.failOpen()) {
                    waiting.pass();
                } else {
                    deny(waiting, authorizer.statusOnError(), new Headers(2), NO_BODY, "ext_authz_error");
                }
            }
        }
    }

    private void deny(Admission waiting, int status, Headers headers, byte[] body, String details) {
        request.facts.flag = ResponseFlag.UAEX;
        int sent = status < 200 || status > 599 ? FORBIDDEN : status;
        waiting.answer(new ResponseHead(sent, headers), body, details);
    }
}
