package io.sallyport.config.index;

import io.sallyport.config.model.StringMatch;

/// Which condition on a string implies which.
public final class StringConditions {
    private StringConditions() {}

    /// Whether `outer` is sure to match every string that `inner` matches. Regular expressions are compared by their
    /// text only, so `false` may mean that it is not known.
    public static boolean contains(StringMatch outer, StringMatch inner) {
        return switch (outer) {
            case StringMatch.Present _ -> true;
            case StringMatch.Exact(String value) ->
                inner instanceof StringMatch.Exact(String same) && same.equals(value);
            case StringMatch.Prefix(String prefix) ->
                switch (inner) {
                    case StringMatch.Exact(String value) -> value.startsWith(prefix);
                    case StringMatch.Prefix(String longer) -> longer.startsWith(prefix);
                    case StringMatch.Regex _, StringMatch.Present _ -> false;
                };
            case StringMatch.Regex(String regex) ->
                matchesAll(regex) || inner instanceof StringMatch.Regex(String same) && same.equals(regex);
        };
    }

    public static boolean matchesAll(String regex) {
        return regex.equals(".*") || regex.equals("^.*$");
    }
}
