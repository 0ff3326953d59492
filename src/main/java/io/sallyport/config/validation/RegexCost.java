package io.sallyport.config.validation;

import java.util.ArrayDeque;
import java.util.Deque;

/// How large a regular expression's program becomes, before it is compiled: nested repetitions multiply, so that 30
/// characters can ask for gigabytes. It reads the syntax roughly and rather says too much.
final class RegexCost {
    private static final long CEILING = 1L << 40;

    private final String regex;
    private final Deque<Long> outer = new ArrayDeque<>();
    /// Of the group that is open, and of the last thing in it, to which a repetition applies.
    private long group;

    private long last;

    private RegexCost(String regex) {
        this.regex = regex;
    }

    /// About the number of instructions.
    static long of(String regex) {
        return new RegexCost(regex).measure();
    }

    private long measure() {
        int at = 0;
        while (at < regex.length()) {
            at = switch (regex.charAt(at)) {
                case '(' -> open(at);
                case ')' -> close(at);
                case '{' -> repeat(at);
                case '[' -> atom(endOfClass(at));
                case '\\' -> atom(at + 2);
                case '*', '+', '?', '|' -> at + 1;
                default -> atom(at + 1);
            };
        }
        while (!outer.isEmpty()) {
            close(at);
        }
        return group + last;
    }

    private int atom(int next) {
        group = Math.min(CEILING, group + last);
        last = 1;
        return next;
    }

    private int open(int at) {
        outer.push(Math.min(CEILING, group + last));
        group = 1;
        last = 0;
        return at + 1;
    }

    private int close(int at) {
        if (!outer.isEmpty()) {
            last = Math.min(CEILING, group + last);
            group = outer.pop();
        }
        return at + 1;
    }

    /// `{n}`, `{n,}` and `{n,m}`; anything else in braces is text.
    private int repeat(int at) {
        int end = regex.indexOf('}', at);
        if (end < 0) {
            return atom(at + 1);
        }
        long times = 0;
        long number = 0;
        for (int i = at + 1; i < end; i++) {
            char c = regex.charAt(i);
            if (c >= '0' && c <= '9') {
                number = Math.min(CEILING, number * 10 + (c - '0'));
                times = Math.max(times, number);
            } else if (c == ',') {
                number = 0;
            } else {
                return atom(at + 1);
            }
        }
        last = last > CEILING / Math.max(1, times) ? CEILING : last * Math.max(1, times);
        return end + 1;
    }

    private int endOfClass(int at) {
        int i = at + 1;
        i += regex.startsWith("^", i) ? 1 : 0;
        // A bracket that comes first is a member.
        i += regex.startsWith("]", i) ? 1 : 0;
        while (i < regex.length() && regex.charAt(i) != ']') {
            boolean named = regex.startsWith("[:", i) && regex.indexOf(":]", i) > 0;
            i = named ? regex.indexOf(":]", i) + 2 : i + (regex.charAt(i) == '\\' ? 2 : 1);
        }
        return i + 1;
    }
}
