package io.sallyport.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// A path of a policy with `{*}`, which is one segment, and `{**}`, which is any number of characters and the last of
/// the two kinds in its path (Envoy: `envoy.path.match.uri_template`).
final class PathTemplate {
    private static final String ONE = "{*}";
    private static final String ANY = "{**}";

    /// What stands between single segments, before the `{**}` if there is one.
    private final List<String> literals = new ArrayList<>();

    private final boolean open;
    /// What follows the `{**}`.
    private final String tail;

    /// @param spelling of what is not variable
    PathTemplate(String template, UnaryOperator<String> spelling) {
        int any = template.indexOf(ANY);
        String head = any < 0 ? template : template.substring(0, any);
        open = any >= 0;
        tail = any < 0 ? "" : spelling.apply(template.substring(any + ANY.length()));
        int from = 0;
        for (int one = head.indexOf(ONE); one >= 0; one = head.indexOf(ONE, from)) {
            literals.add(spelling.apply(head.substring(from, one)));
            from = one + ONE.length();
        }
        literals.add(spelling.apply(head.substring(from)));
    }

    static boolean is(String path) {
        return path.contains(ONE) || path.contains(ANY);
    }

    boolean matches(String path) {
        int at = 0;
        for (int i = 0; i < literals.size(); i++) {
            if (i > 0) {
                int end = path.indexOf('/', at);
                end = end < 0 ? path.length() : end;
                if (end == at) {
                    return false;
                }
                at = end;
            }
            if (!path.startsWith(literals.get(i), at)) {
                return false;
            }
            at += literals.get(i).length();
        }
        return open ? path.length() - at >= tail.length() && path.endsWith(tail) : at == path.length();
    }
}
