package io.sallyport.operators;

import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/// Path, query and parameters of a request's target, as they were sent: nothing is decoded.
final class TargetText {
    private TargetText() {}

    static @Nullable CharSequence path(@Nullable CharSequence target) {
        int mark = target == null ? -1 : AsciiString.indexOf(target, '?', 0);
        return target == null || mark < 0 ? target : target.subSequence(0, mark);
    }

    static @Nullable String query(String target) {
        int mark = target.indexOf('?');
        return mark < 0 ? null : target.substring(mark + 1);
    }

    /// The first one of that name.
    static @Nullable String parameter(String target, String name) {
        String query = query(target);
        if (query == null) {
            return null;
        }
        for (int from = 0; from <= query.length(); ) {
            int end = query.indexOf('&', from);
            end = end < 0 ? query.length() : end;
            int equals = query.indexOf('=', from);
            int nameEnd = equals < 0 || equals > end ? end : equals;
            if (nameEnd - from == name.length() && query.startsWith(name, from)) {
                return query.substring(Math.min(nameEnd + 1, end), end);
            }
            from = end + 1;
        }
        return null;
    }
}
