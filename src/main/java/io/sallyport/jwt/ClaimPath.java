package io.sallyport.jwt;

import java.util.ArrayList;
import java.util.List;

/// How resources name a claim: the names that lead to it, outermost first.
public final class ClaimPath {
    /// What a name of a header match begins with that means a claim (Istio: `pkg/jwt/routing.go`).
    public static final String ROUTE = "@request.auth.claims";

    /// What the key of a policy's condition begins with that means a claim.
    public static final String CONDITION = "request.auth.claims";

    private ClaimPath() {}

    /// Whether a header match is one on a claim. A request cannot have a header of that name, which is no token.
    public static boolean isRoute(String header) {
        return header.regionMatches(true, 0, ROUTE, 0, ROUTE.length());
    }

    /// Of a header match: `@request.auth.claims.a.b` or `@request.auth.claims[a][b]`.
    ///
    /// @return empty where it names no claim
    public static List<String> ofRoute(String header) {
        String name = header.substring(ROUTE.length());
        if (name.length() > 1 && name.startsWith(".")) {
            return dotted(name.substring(1));
        }
        boolean bracketed = name.length() > 2 && name.startsWith("[") && name.endsWith("]");
        return bracketed ? checked(split(name.substring(1, name.length() - 1), "][")) : List.of();
    }

    /// Of a condition: `request.auth.claims[a][b]`. Brackets that are no such pairs are part of a single name.
    ///
    /// @return empty where it names no claim
    public static List<String> ofCondition(String key) {
        String name = key.substring(CONDITION.length());
        if (name.length() < 3 || !name.startsWith("[") || !name.endsWith("]")) {
            return List.of();
        }
        List<String> names = checked(split(name.substring(1, name.length() - 1), "]["));
        boolean paired = names.stream().noneMatch(each -> each.indexOf('[') >= 0 || each.indexOf(']') >= 0);
        return paired || names.isEmpty() ? names : List.of(name.substring(1, name.length() - 1));
    }

    /// `a.b`.
    ///
    /// @return empty where a name is missing
    public static List<String> dotted(String names) {
        return checked(split(names, "."));
    }

    private static List<String> checked(List<String> names) {
        return names.contains("") ? List.of() : names;
    }

    private static List<String> split(String text, String separator) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return List.copyOf(parts);
    }
}
