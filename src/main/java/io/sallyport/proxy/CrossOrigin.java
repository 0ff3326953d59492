package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.net.FieldList;
import io.sallyport.route.Cors;
import org.jspecify.annotations.Nullable;

/// What a route's CORS policy means for one request, decided by the head as the client sent it. Does what Envoy's CORS
/// filter does, and two things more: `vary: origin` on whatever the route answers (Fetch, 3.3.5), and an upstream's
/// `access-control-allow-credentials` gives way to a policy without credentials. The origins of the policy and the
/// credentials of the upstream would together allow what neither means to.
final class CrossOrigin {
    private static final AsciiString TRUE = AsciiString.cached("true");
    private static final AsciiString ANY = AsciiString.cached("*");

    private final Cors policy;
    private final @Nullable AsciiString origin;
    private final boolean allowed;
    private final @Nullable ResponseHead preflight;

    CrossOrigin(Cors policy, RequestHead head) {
        this.policy = policy;
        origin = value(head.headers, HeaderNames.ORIGIN);
        allowed = origin != null && policy.allows(origin);
        preflight = head.method.equals("OPTIONS") ? answer(head) : null;
    }

    /// The answer to a preflight that does not go upstream; null for any other request.
    @Nullable
    ResponseHead preflight() {
        return preflight;
    }

    private @Nullable ResponseHead answer(RequestHead head) {
        AsciiString method = value(head.headers, HeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
        if (origin == null || method == null || (!allowed && policy.unmatchedForwarded())) {
            return null;
        }
        Headers headers = new Headers(12);
        if (allowed) {
            headers.add(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        if (policy.credentials()) {
            headers.add(HeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
        add(headers, HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, policy.methods(), method);
        AsciiString asked = value(head.headers, HeaderNames.ACCESS_CONTROL_REQUEST_HEADERS);
        add(headers, HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, policy.headers(), asked);
        add(headers, HeaderNames.ACCESS_CONTROL_MAX_AGE, policy.maxAge(), null);
        return new ResponseHead(200, headers);
    }

    /// Whoever made the response.
    void edit(Headers headers) {
        varyByOrigin(headers);
        if (!allowed || origin == null) {
            return;
        }
        headers.set(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if (policy.credentials()) {
            headers.set(HeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        } else {
            headers.remove(HeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS);
        }
        if (policy.exposedHeaders() != null) {
            headers.set(HeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, policy.exposedHeaders());
        }
    }

    private static void varyByOrigin(Headers headers) {
        for (int i = headers.indexOf(HeaderNames.VARY, 0); i >= 0; i = headers.indexOf(HeaderNames.VARY, i + 1)) {
            AsciiString fields = headers.value(i);
            if (FieldList.contains(fields, HeaderNames.ORIGIN) || FieldList.contains(fields, ANY)) {
                return;
            }
        }
        headers.add(HeaderNames.VARY, HeaderNames.ORIGIN);
    }

    /// @param asked what `*` stands for; null where it stands for nothing
    private static void add(
            Headers headers, AsciiString name, @Nullable AsciiString value, @Nullable AsciiString asked) {
        AsciiString written = value != null && value.contentEquals(ANY) ? asked : value;
        if (written != null) {
            headers.add(name, written);
        }
    }

    private static @Nullable AsciiString value(Headers headers, AsciiString name) {
        CharSequence joined = headers.joined(name);
        return joined == null || joined.isEmpty() ? null : AsciiString.of(joined);
    }
}
