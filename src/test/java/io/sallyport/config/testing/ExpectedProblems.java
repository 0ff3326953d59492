package io.sallyport.config.testing;

import io.sallyport.config.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a test file says about itself: `# expect: error SAL3001 some words` at the end of a line, several divided by
/// `|`. The problem is to be reported on that very line, with that severity, and to contain the words; the file may
/// have no other problem.
public final class ExpectedProblems {
    private static final Pattern EXPECT = Pattern.compile("# expect: (.*)$");
    private static final Pattern ONE = Pattern.compile("(error|warning|info) (SAL\\d{4})(?: (.*))?");

    private ExpectedProblems() {}

    private record Expected(int line, String severity, String code, String words) {
        boolean matches(Problem problem) {
            return problem.at().line() == line
                    && problem.severity().name().toLowerCase(Locale.ROOT).equals(severity)
                    && problem.code().id().equals(code)
                    && problem.toString().contains(words);
        }
    }

    /// One line for each expectation that was not met and for each problem that was not expected; empty if all is well.
    public static List<String> differences(String text, List<Problem> problems) {
        List<Problem> unexpected = new ArrayList<>(problems);
        List<String> differences = new ArrayList<>();
        for (Expected expected : read(text)) {
            Problem met =
                    unexpected.stream().filter(expected::matches).findFirst().orElse(null);
            if (met == null) {
                differences.add("missing: " + expected);
            } else {
                unexpected.remove(met);
            }
        }
        unexpected.forEach(problem -> differences.add("unexpected: " + problem));
        return differences;
    }

    /// The codes that a file expects.
    public static List<String> codes(String text) {
        return read(text).stream().map(Expected::code).toList();
    }

    private static List<Expected> read(String text) {
        List<Expected> expected = new ArrayList<>();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            Matcher comment = EXPECT.matcher(lines[i]);
            if (comment.find()) {
                for (String part : comment.group(1).split(" \\| ")) {
                    Matcher one = ONE.matcher(part.trim());
                    if (!one.matches()) {
                        throw new IllegalArgumentException("line " + (i + 1) + ": not an expectation: " + part);
                    }
                    String words = one.group(3) == null ? "" : one.group(3);
                    expected.add(new Expected(i + 1, one.group(1), one.group(2), words));
                }
            }
        }
        return expected;
    }
}
