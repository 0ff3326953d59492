package io.sallyport.route;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.sallyport.net.RegexMatch;
import java.util.ArrayList;
import java.util.List;

/// A replacement text in RE2's syntax: see [RegexMatch#replacementProblem].
///
/// @param literals the text around the group references, in the form of a path: one more than there are groups
/// @param groups the referenced groups, in order
public record RegexSubstitution(List<String> literals, List<Integer> groups) {

    /// @param groupCount of the expression that this belongs to
    /// @throws IllegalArgumentException with the reason
    static RegexSubstitution parse(String text, int groupCount) {
        String problem = RegexMatch.replacementProblem(text, groupCount);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        List<String> literals = new ArrayList<>();
        List<Integer> groups = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                literal.append(c);
                continue;
            }
            char escaped = text.charAt(++i);
            if (escaped == '\\') {
                literal.append('\\');
            } else {
                literals.add(UriText.path(literal.toString()));
                groups.add(escaped - '0');
                literal.setLength(0);
            }
        }
        literals.add(UriText.path(literal.toString()));
        return new RegexSubstitution(List.copyOf(literals), List.copyOf(groups));
    }

    /// Replaces every match, as RE2's `GlobalReplace` does. It differs from Java's `replaceAll` in one thing: an
    /// empty match right behind another match does not count, so that `.*` replaces a path once and not twice.
    String replaceAll(Pattern pattern, String text) {
        Matcher matcher = RegexMatch.matcher(pattern, text);
        StringBuilder result = null;
        int copied = 0;
        int lastEnd = -1;
        while (matcher.find()) {
            if (matcher.start() == matcher.end() && matcher.start() == lastEnd) {
                continue;
            }
            if (result == null) {
                result = new StringBuilder(text.length() + 16);
            }
            result.append(text, copied, matcher.start());
            append(result, matcher);
            copied = lastEnd = matcher.end();
        }
        return result == null
                ? text
                : result.append(text, copied, text.length()).toString();
    }

    private void append(StringBuilder result, Matcher matcher) {
        for (int i = 0; i < groups.size(); i++) {
            result.append(literals.get(i));
            String group = matcher.group(groups.get(i));
            if (group != null) {
                result.append(group);
            }
        }
        result.append(literals.getLast());
    }
}
