package io.sallyport.otlp;

import io.sallyport.http.grpc.ProtoWriter;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes the attributes of one message, `repeated KeyValue` (opentelemetry-proto `common.proto`).
final class Attributes {
    private static final int VALUE = 2;
    /// Of `AnyValue`.
    private static final int STRING_VALUE = 1;
    private static final int INT_VALUE = 3;

    private final ProtoWriter out;
    private final int field;
    /// Those that another one of that name replaces; nothing may be there twice.
    private final Set<String> replaced;
    private final boolean replaces;

    /// @param field of the message that has them
    Attributes(ProtoWriter out, int field, Set<String> replaced) {
        this.out = out;
        this.field = field;
        this.replaced = replaced;
        replaces = !replaced.isEmpty();
    }

    Attributes(ProtoWriter out, int field) {
        this(out, field, Set.of());
    }

    /// Left out where there is no value.
    void put(AttributeName name, @Nullable CharSequence value) {
        put(name, value, Integer.MAX_VALUE);
    }

    /// @param longest of the value, characters
    void put(AttributeName name, @Nullable CharSequence value, int longest) {
        if (value != null && !value.isEmpty()) {
            always(name, value, 0, Math.min(value.length(), longest));
        }
    }

    /// Even where it is empty.
    ///
    /// @param from the value, as far as it goes
    void always(AttributeName name, CharSequence value, int from, int to) {
        always(name, "", "", value, from, to);
    }

    /// The same of three texts, one behind the other.
    void always(AttributeName name, String first, String second, CharSequence rest, int from, int to) {
        if (isReplaced(name)) {
            return;
        }
        int attribute = out.open(field);
        name.writeTo(out);
        int value = out.open(VALUE);
        int text = out.open(STRING_VALUE);
        out.utf8(first, 0, first.length());
        out.utf8(second, 0, second.length());
        out.utf8(rest, from, to);
        out.close(text);
        out.close(value);
        out.close(attribute);
    }

    void put(AttributeName name, long value) {
        if (isReplaced(name)) {
            return;
        }
        int attribute = out.open(field);
        name.writeTo(out);
        int any = out.open(VALUE);
        out.always(INT_VALUE, value);
        out.close(any);
        out.close(attribute);
    }

    /// A number that is not negative, as a text.
    void digits(AttributeName name, long value) {
        if (isReplaced(name)) {
            return;
        }
        int attribute = out.open(field);
        name.writeTo(out);
        int any = out.open(VALUE);
        int text = out.open(STRING_VALUE);
        out.decimal(value);
        out.close(text);
        out.close(any);
        out.close(attribute);
    }

    private boolean isReplaced(AttributeName name) {
        return replaces && replaced.contains(name.toString());
    }

    /// Attributes that were written before, by another one of these for the same field.
    void copy(byte[] written) {
        out.raw(written);
    }

    /// Beside those of that name that were left out.
    void instead(String name, CharSequence value) {
        int attribute = out.open(field);
        out.text(1, name);
        int any = out.open(VALUE);
        int text = out.open(STRING_VALUE);
        out.utf8(value, 0, value.length());
        out.close(text);
        out.close(any);
        out.close(attribute);
    }
}
