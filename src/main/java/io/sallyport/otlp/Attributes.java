package io.sallyport.otlp;

import io.sallyport.http.grpc.ProtoWriter;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes the attributes of one message, `repeated KeyValue` (opentelemetry-proto `common.proto`).
final class Attributes {
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
    void always(AttributeName name, CharSequence first, CharSequence second, CharSequence rest, int from, int to) {
        if (isReplaced(name)) {
            return;
        }
        int attribute = out.open(field);
        int text = name.openText(out);
        out.utf8(first);
        out.utf8(second);
        out.utf8(rest, from, to);
        AttributeName.closeText(out, text);
        out.close(attribute);
    }

    void put(AttributeName name, long value) {
        if (isReplaced(name)) {
            return;
        }
        int attribute = out.open(field);
        name.writeInteger(out, value);
        out.close(attribute);
    }

    /// A number that is not negative, as a text.
    void digits(AttributeName name, long value) {
        if (isReplaced(name)) {
            return;
        }
        int attribute = out.open(field);
        int text = name.openText(out);
        out.decimal(value);
        AttributeName.closeText(out, text);
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
        out.text(AttributeName.KEY, name);
        int any = out.open(AttributeName.VALUE);
        int text = out.open(AttributeName.STRING_VALUE);
        out.utf8(value);
        out.close(text);
        out.close(any);
        out.close(attribute);
    }
}
