package io.sallyport.extauth;

import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.call.HttpAnswer;
import io.sallyport.call.HttpQuestion;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.policy.Authorizer;
import io.sallyport.policy.Authorizer.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The HTTP protocol of Envoy's `ext_authz`: the request's own method, host and path, with a prefix, and the header
/// fields that are listed. Only 200 allows; 5xx says nothing.
public final class HttpCheck {
    /// Of an answer, whose body may be a page for the client.
    public static final int MOST_ANSWER_BYTES = 1 << 20;

    private static final AsciiString PARTIAL_BODY = AsciiString.cached(CheckedRequest.PARTIAL_BODY);
    private static final AsciiString TRUE = AsciiString.cached("true");
    private static final AsciiString FALSE = AsciiString.cached("false");

    /// What the client gets of a denial in any case (Envoy `ext_authz_http_impl.cc`).
    private static final Set<AsciiString> ALWAYS_TO_CLIENT = Set.of(HeaderNames.WWW_AUTHENTICATE, HeaderNames.LOCATION);

    private HttpCheck() {}

    /// Without the fields of [Authorizer.Http#added()], which only whoever asks can make.
    public static HttpQuestion question(CheckedRequest request, Authorizer.Http settings) {
        Headers all = request.head().headers;
        Headers sent = new Headers(8);
        for (int i = 0; i < all.size(); i++) {
            AsciiString name = all.name(i);
            boolean wanted = name.equals(HeaderNames.AUTHORIZATION)
                    || settings.included().has(name);
            if (wanted && HeaderEdit.isAllowed(name)) {
                sent.add(name, all.value(i));
            }
        }
        if (request.body() != null) {
            sent.set(PARTIAL_BODY, request.partial() ? TRUE : FALSE);
        }
        return new HttpQuestion(
                request.head().method,
                request.head().authority,
                settings.pathPrefix() + request.pathAndQuery(),
                sent,
                request.body() == null ? Unpooled.EMPTY_BUFFER : request.body());
    }

    public static Verdict verdict(HttpAnswer answer, Authorizer.Http settings) {
        if (answer.status() >= 500) {
            return Verdict.UNANSWERED;
        }
        if (answer.status() != 200) {
            return new Verdict.Denied(answer.status(), denial(answer.headers(), settings), answer.body());
        }
        return new Verdict.Allowed(
                edits(answer.headers(), settings.toUpstream(), true),
                edits(answer.headers(), settings.toClientOnAllow(), false));
    }

    private static Headers denial(Headers answer, Authorizer.Http settings) {
        Headers denial = new Headers(8);
        Names named = settings.toClientOnDeny();
        for (int i = 0; i < answer.size(); i++) {
            AsciiString name = answer.name(i);
            boolean wanted = named == null || named.has(name) || ALWAYS_TO_CLIENT.contains(name);
            if (wanted && HeaderEdit.isAllowed(name)) {
                denial.add(name, answer.value(i));
            }
        }
        return denial;
    }

    /// @param replace the request's own values give way; a response keeps its own, of which cookies have several
    private static List<HeaderEdit> edits(Headers answer, Names names, boolean replace) {
        List<HeaderEdit> edits = new ArrayList<>();
        for (int i = 0; !names.isEmpty() && i < answer.size(); i++) {
            AsciiString name = answer.name(i);
            if (names.has(name) && HeaderEdit.isEditable(name)) {
                boolean first = answer.indexOf(name, 0) == i;
                HeaderEdit.Action action = replace && first ? HeaderEdit.Action.SET : HeaderEdit.Action.APPEND;
                edits.add(new HeaderEdit(action, name, answer.value(i)));
            }
        }
        return List.copyOf(edits);
    }
}
