package io.sallyport.route;

import java.util.List;

/// A condition on a claim of the request's verified token (`HTTPMatchRequest.headers` of `@request.auth.claims`, and
/// inverted `withoutHeaders`). Without the claim it does not hold, and inverted it does.
///
/// @param path of the claim
/// @param value what the claim's text must be, or one of its texts
/// @param inverse true for `withoutHeaders`
public record ClaimMatch(List<String> path, StringMatcher value, boolean inverse) {
    public ClaimMatch {
        path = List.copyOf(path);
    }

    public boolean matches(RequestView request) {
        List<String> texts = request.claim(path);
        for (int i = 0; i < texts.size(); i++) {
            if (value.matches(texts.get(i))) {
                return !inverse;
            }
        }
        return inverse;
    }
}
