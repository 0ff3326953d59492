package io.sallyport.route;

import com.google.re2j.Pattern;

/// What the path becomes before it goes upstream (`HTTPRewrite`). The query is not touched.
///
/// The result always begins with `/`: where the configuration would yield anything else, one is put in front, for
/// it could not be sent.
public sealed interface Rewrite {
    /// @param path the canonical path
    /// @param matched the match that led here, which says how much of the path is the prefix
    String apply(String path, RouteMatch matched);

    /// Replaces what the match's `uri` matched, literally: the prefix of a prefix match, the whole path of an exact or
    /// regex match, the first `/` where there is no `uri`. With prefix `/api`, `/` makes `/api/x` into `//x`, as in
    /// Istio: pilot `route.go` sets Envoy's `prefix_rewrite`, which replaces and adds nothing; only routes of the
    /// Kubernetes Gateway API get an expression that joins slashes. `/api/` with `/` is the spelling that gives
    /// `/x`.
    ///
    /// @param replacement in the form of a URI: see [UriText#path]
    record Uri(String replacement) implements Rewrite {
        @Override
        public String apply(String path, RouteMatch matched) {
            return rooted(replacement.concat(path.substring(matched.matchedLength(path))));
        }
    }

    /// Replaces every part of the path that the expression matches (`HTTPRewrite.uri_regex_rewrite`).
    ///
    /// @param pattern RE2; need not match the whole path
    /// @param substitution in which `\0` to `\9` stand for groups and `\\` for a backslash
    record Regex(Pattern pattern, RegexSubstitution substitution) implements Rewrite {
        /// @throws com.google.re2j.PatternSyntaxException where the expression is not RE2
        /// @throws IllegalArgumentException where the substitution is malformed or names a group that is not
        ///     there
        public Regex(String expression, String substitution) {
            Pattern compiled = Pattern.compile(expression);
            this(compiled, RegexSubstitution.parse(substitution, compiled.groupCount()));
        }

        @Override
        public String apply(String path, RouteMatch matched) {
            return rooted(substitution.replaceAll(pattern, path));
        }
    }

    private static String rooted(String path) {
        return path.startsWith("/") ? path : "/".concat(path);
    }
}
