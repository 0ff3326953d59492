package io.sallyport.jwt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a verified token says (RFC 7519, 4), as policies and routes may ask: by text. Numbers and booleans have none.
public final class Claims {
    /// Of a request without a token.
    public static final Claims NONE = new Claims(Map.of(), Set.of());

    private final Map<String, Object> members;
    private final Set<String> spaceDelimited;

    /// @param members of the payload
    /// @param spaceDelimited claims whose text is a list, divided by blanks (`JWTRule.space_delimited_claims`)
    Claims(Map<String, Object> members, Set<String> spaceDelimited) {
        this.members = members;
        this.spaceDelimited = spaceDelimited;
    }

    /// Of such a payload, as if a token with it had been verified.
    public static Claims of(Map<String, Object> payload) {
        return new Claims(payload, Set.of());
    }

    Claims splitting(Set<String> names) {
        return new Claims(members, names);
    }

    public boolean isEmpty() {
        return members.isEmpty();
    }

    /// The claim of that name, or null where it is no text.
    public @Nullable String text(String name) {
        return members.get(name) instanceof String text ? text : null;
    }

    /// The text at the path, or the texts of the list there.
    public List<String> texts(List<String> path) {
        return switch (at(path)) {
            case String text when path.size() == 1 && spaceDelimited.contains(path.getFirst()) -> words(text);
            case String text -> List.of(text);
            case List<?> list -> texts((Iterable<?>) list);
            case null, default -> List.of();
        };
    }

    /// @return null where there is nothing
    @Nullable
    Object at(List<String> path) {
        Object value = members;
        for (String name : path) {
            value = value instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return value;
    }

    private static List<String> texts(Iterable<?> elements) {
        List<String> texts = new ArrayList<>();
        for (Object element : elements) {
            if (element instanceof String text) {
                texts.add(text);
            }
        }
        return texts;
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int blank = text.indexOf(' ', from);
            int end = blank < 0 ? text.length() : blank;
            if (end > from) {
                words.add(text.substring(from, end));
            }
            from = end + 1;
        }
        return words;
    }

    @Override
    public String toString() {
        return members.keySet().toString();
    }
}
