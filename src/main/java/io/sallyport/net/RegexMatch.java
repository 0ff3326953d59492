package io.sallyport.net;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Matches text from peers by RE2 expressions, each for a bounded time, and all of a request for one. RE2 in Java looks
/// at each character once for each instruction that is alive, so that nested repetitions (`(a{1,100}){1,100}`) take
/// seconds of a long text, as many usual expressions do together, and the event loop would stand still meanwhile.
public final class RegexMatch {
    /// Instructions times characters, which take 10 ms at most: below, nobody looks at the clock.
    private static final long CHEAP = 200_000;

    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
    private static final long MOST_NANOS_OF_ALL = TimeUnit.MILLISECONDS.toNanos(100);
    /// What one look at the clock may add: if it is more, the process has been stopped meanwhile.
    private static final long MOST_AT_ONCE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final int CHARACTERS_BETWEEN_LOOKS = 8;

    /// A text takes more time than one is worth. Without a stack trace, for it is a client's doing.
    public static final class TooCostlyException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private TooCostlyException() {
            super("a regular expression takes too long for this text", null, false, false);
        }

        /// To the request whose text it is.
        public ProxyException answer() {
            return ProxyException.downstream(ResponseFlag.DPE, 400, "regex_too_costly");
        }
    }

    /// What the expressions have taken of this thread since it began with a request.
    private static final class Effort {
        /// Instructions times characters.
        private long work;
        private long nanos;
        private int reads;
    }

    private static final FastThreadLocal<@Nullable Effort> EFFORT = new FastThreadLocal<>();

    private RegexMatch() {}

    /// This event loop goes on with a request, or with what is to be said of it at its end: its expressions may take
    /// 100 ms together from now on. On a thread that never says so, each has its own time.
    public static void begin() {
        Effort effort = EFFORT.get();
        if (effort == null) {
            EFFORT.set(new Effort());
        } else {
            effort.work = 0;
            effort.nanos = 0;
        }
    }

    /// Whether the expression matches the whole text.
    ///
    /// @throws TooCostlyException after 25 ms, or 100 for all of the request
    public static boolean isWhole(Pattern pattern, String text) {
        return matcher(pattern, text).matches();
    }

    /// A matcher whose methods throw [TooCostlyException] once they have taken 25 ms together, or all expressions of
    /// the request 100.
    public static Matcher matcher(Pattern pattern, String text) {
        Effort effort = EFFORT.get();
        long work = (long) pattern.programSize() * text.length();
        if (effort != null) {
            effort.work += work;
            work = effort.work;
        }
        return pattern.matcher(work <= CHEAP ? text : new TimedText(text, effort == null ? new Effort() : effort));
    }

    /// What is wrong with a replacement text in RE2's syntax, or null: `\0` is the whole match, `\1` to `\9` are its
    /// groups, `\\` is a backslash.
    ///
    /// @param groups that the expression has
    public static @Nullable String replacementProblem(String text, int groups) {
        for (int i = text.indexOf('\\'); i >= 0; i = text.indexOf('\\', i + 2)) {
            char escaped = i + 1 < text.length() ? text.charAt(i + 1) : 0;
            if (escaped != '\\' && (escaped < '0' || escaped > '9')) {
                return "a backslash must be followed by a digit or a backslash";
            }
            if (escaped != '\\' && escaped - '0' > groups) {
                return "\\" + escaped + " names a group, but the expression has only " + groups;
            }
        }
        return null;
    }

    private static final class TimedText implements CharSequence {
        private final String text;
        private final Effort effort;
        private long last = System.nanoTime();
        private long spent;

        TimedText(String text, Effort effort) {
            this.text = text;
            this.effort = effort;
        }

        @Override
        public char charAt(int index) {
            if (++effort.reads % CHARACTERS_BETWEEN_LOOKS == 0) {
                long now = System.nanoTime();
                long more = Math.min(now - last, MOST_AT_ONCE_NANOS);
                spent += more;
                effort.nanos += more;
                last = now;
                if (spent > MOST_NANOS || effort.nanos > MOST_NANOS_OF_ALL) {
                    throw new TooCostlyException();
                }
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
