package io.sallyport.admin;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;

/// Rows that the admin API shows page by page. Only those of the page asked for are made JSON.
///
/// @param text in which words are looked for
public record Listing<T>(List<T> rows, Function<T, String> text, Function<T, JsonObject> json) {
    static final int LONGEST_QUERY = 256;
    static final int LARGEST_PAGE = 1_000;

    /// @param matched how many rows match, on this page and on all others
    record Page(JsonArray rows, int matched) {}

    /// All rows.
    public JsonArray all() {
        return json(rows);
    }

    /// @param parameters `q`: words that a row must all have, in any case; `offset` of the first row and `limit` of
    ///     rows among those; without `limit` there are all
    /// @throws IllegalArgumentException if they are not understood; its message is for the user
    Page page(MultiMap parameters) {
        String query = Objects.requireNonNullElse(parameters.get("q"), "");
        if (query.length() > LONGEST_QUERY) {
            throw new IllegalArgumentException("q is longer than " + LONGEST_QUERY + " characters");
        }
        List<T> matching = matching(query.toLowerCase(Locale.ROOT).strip());
        int from = Math.min(number(parameters, "offset", 0, Integer.MAX_VALUE), matching.size());
        int most = number(parameters, "limit", matching.size(), LARGEST_PAGE);
        return new Page(json(matching.subList(from, from + Math.min(most, matching.size() - from))), matching.size());
    }

    private List<T> matching(String query) {
        if (query.isEmpty()) {
            return rows;
        }
        String[] words = query.split("\\s+");
        return rows.stream().filter(row -> hasAll(words, text.apply(row))).toList();
    }

    private static boolean hasAll(String[] words, String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        for (String word : words) {
            if (!lower.contains(word)) {
                return false;
            }
        }
        return true;
    }

    private JsonArray json(List<T> some) {
        JsonArray array = new JsonArray();
        some.forEach(row -> array.add(json.apply(row)));
        return array;
    }

    private static int number(MultiMap parameters, String name, int otherwise, int most) {
        String value = parameters.get(name);
        if (value == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // As one that is out of range.
        }
        throw new IllegalArgumentException(name + " must be a number from 0 to " + most);
    }
}
