package io.sallyport.route;

import io.netty.util.AsciiString;
import io.sallyport.format.ParsedFormat;
import io.sallyport.net.AsciiCase;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Changes of header fields (`Headers.HeaderOperations`), ready to be applied: lower-case names in parallel arrays.
///
/// Fields that Istio leaves out are left out here: `host` and whatever begins with `:`. Setting or adding `host` or
/// `:authority` rewrites the authority instead, see [#authority()].
public final class HeaderOps {
    public static final HeaderOps NONE = of(Map.of(), Map.of(), List.of());

    private final AsciiString[] removed;
    private final AsciiString[] setNames;
    private final AsciiString[] setValues;
    private final AsciiString[] addedNames;
    private final AsciiString[] addedValues;
    /// Beside the values, those that are made for each request; empty where there are none.
    private final @Nullable ParsedFormat[] setFormats;

    private final @Nullable ParsedFormat[] addedFormats;
    private final @Nullable RewrittenAuthority authority;
    /// Of the gateway's own, by the names that they are set for.
    private final Map<AsciiString, CredentialText> credentials;

    private HeaderOps(
            AsciiString[] removed,
            Columns set,
            Columns added,
            @Nullable RewrittenAuthority authority,
            Map<AsciiString, CredentialText> credentials) {
        this.credentials = credentials;
        this.removed = removed;
        this.setNames = set.names;
        this.setValues = set.values;
        this.setFormats = set.formats;
        this.addedNames = added.names;
        this.addedValues = added.values;
        this.addedFormats = added.formats;
        this.authority = authority;
    }

    /// Names and values of one kind of operation, by their places; the value of a format is empty.
    private record Columns(
            AsciiString[] names,
            AsciiString[] values,
            @Nullable ParsedFormat[] formats) {
        private static final @Nullable ParsedFormat[] NO_FORMATS = {};

        static Columns of(Map<String, String> fields, Map<String, ParsedFormat> composed) {
            SortedSet<String> all = new TreeSet<>(fields.keySet());
            all.addAll(composed.keySet());
            List<String> kept = all.stream().filter(name -> !isPseudo(name)).toList();
            return new Columns(
                    kept.stream().map(AsciiString::cached).toArray(AsciiString[]::new),
                    kept.stream()
                            .map(name -> composed.containsKey(name)
                                    ? AsciiString.EMPTY_STRING
                                    : utf8(fields.getOrDefault(name, "")))
                            .toArray(AsciiString[]::new),
                    composed.isEmpty()
                            ? NO_FORMATS
                            : kept.stream().map(composed::get).toArray(ParsedFormat[]::new));
        }
    }

    /// Values are sent as UTF-8, and must have no white space at their ends (RFC 9110, 5.5).
    ///
    /// @param set replaces the fields of a name; sorted by name as Istio does
    /// @param add appends a field, after what was set
    /// @param remove names, removed before anything is set or added
    public static HeaderOps of(Map<String, String> set, Map<String, String> add, List<String> remove) {
        return of(set, add, remove, Map.of(), Map.of());
    }

    /// With values that are made for each request, too.
    ///
    /// @param setComposed replaces likewise
    /// @param addComposed appends likewise
    public static HeaderOps of(
            Map<String, String> set,
            Map<String, String> add,
            List<String> remove,
            Map<String, ParsedFormat> setComposed,
            Map<String, ParsedFormat> addComposed) {
        Map<String, String> setByName = lowerCase(set);
        Map<String, String> addByName = lowerCase(add);
        String authority = authorityOf(setByName);
        if (authority == null) {
            authority = authorityOf(addByName);
        }
        AsciiString[] names = remove.stream()
                .map(AsciiCase::lower)
                .filter(name -> !isPseudo(name))
                .map(AsciiString::cached)
                .toArray(AsciiString[]::new);
        return new HeaderOps(
                names,
                Columns.of(setByName, lowerCase(setComposed)),
                Columns.of(addByName, lowerCase(addComposed)),
                authority == null ? null : RewrittenAuthority.of(authority),
                Map.of());
    }

    /// The same, with further fields to be set, after the others.
    ///
    /// @param values by name
    public HeaderOps withCredentials(Map<String, CredentialText> values) {
        Map<AsciiString, CredentialText> byName = new TreeMap<>(CharSequence::compare);
        values.forEach((name, value) -> byName.put(AsciiString.cached(AsciiCase.lower(name)), value));
        return new HeaderOps(
                removed,
                new Columns(setNames, setValues, setFormats),
                new Columns(addedNames, addedValues, addedFormats),
                authority,
                Collections.unmodifiableMap(byName));
    }

    /// What [RequestView#authority()] becomes, or null where it stays.
    public @Nullable RewrittenAuthority authority() {
        return authority;
    }

    public boolean isEmpty() {
        return removed.length == 0 && setNames.length == 0 && addedNames.length == 0 && credentials.isEmpty();
    }

    /// Whether some values are made for each request, so that the editor must know of it.
    public boolean isComposed() {
        return setFormats.length > 0 || addedFormats.length > 0;
    }

    /// The fields that hold credentials.
    Collection<AsciiString> credentialNames() {
        return credentials.keySet();
    }

    /// Removes, then sets, then adds.
    ///
    /// @return false where a credential is missing
    public <H> boolean apply(H headers, Editor<H> editor) {
        return applyWith(NONE, headers, editor);
    }

    /// Both as one list of operations: all removes, then all sets, then all additions. Values that are made for the
    /// request are made of what the fields are before any of them is set (Envoy, `HeaderParser::evaluateHeaders`).
    /// Where one is empty nothing is added, and a field that it is set for goes: nobody's own stands for it.
    ///
    /// @param others that come after these
    /// @return false where a credential is missing
    <H> boolean applyWith(HeaderOps others, H headers, Editor<H> editor) {
        removeFrom(headers, editor);
        others.removeFrom(headers, editor);
        AsciiString[] set = texts(setValues, setFormats, editor);
        AsciiString[] added = texts(addedValues, addedFormats, editor);
        AsciiString[] othersSet = texts(others.setValues, others.setFormats, editor);
        AsciiString[] othersAdded = texts(others.addedValues, others.addedFormats, editor);
        boolean complete = set(set, headers, editor);
        complete &= others.set(othersSet, headers, editor);
        add(added, headers, editor);
        others.add(othersAdded, headers, editor);
        return complete;
    }

    private <H> void removeFrom(H headers, Editor<H> editor) {
        for (AsciiString name : removed) {
            editor.remove(headers, name);
        }
    }

    private <H> boolean set(AsciiString[] values, H headers, Editor<H> editor) {
        for (int i = 0; i < setNames.length; i++) {
            if (isComposed(setFormats, i) && values[i].isEmpty()) {
                editor.remove(headers, setNames[i]);
            } else {
                editor.set(headers, setNames[i], values[i]);
            }
        }
        boolean complete = true;
        if (!credentials.isEmpty()) {
            for (Map.Entry<AsciiString, CredentialText> each : credentials.entrySet()) {
                complete &= editor.set(headers, each.getKey(), each.getValue());
            }
        }
        return complete;
    }

    private <H> void add(AsciiString[] values, H headers, Editor<H> editor) {
        for (int i = 0; i < addedNames.length; i++) {
            if (!isComposed(addedFormats, i) || !values[i].isEmpty()) {
                editor.add(headers, addedNames[i], values[i]);
            }
        }
    }

    private static boolean isComposed(@Nullable ParsedFormat[] formats, int place) {
        return formats.length > 0 && formats[place] != null;
    }

    private static AsciiString[] texts(AsciiString[] values, @Nullable ParsedFormat[] formats, Editor<?> editor) {
        if (formats.length == 0) {
            return values;
        }
        AsciiString[] texts = values.clone();
        for (int i = 0; i < texts.length; i++) {
            ParsedFormat format = formats[i];
            if (format != null) {
                texts[i] = editor.text(format);
            }
        }
        return texts;
    }

    /// Takes out what it sets or removes, so that nobody else says it in another place.
    <H> void removeNamed(H fields, Editor<H> editor) {
        removeFrom(fields, editor);
        for (AsciiString name : setNames) {
            editor.remove(fields, name);
        }
        removeCredentials(fields, editor);
    }

    /// Takes out what holds a credential.
    <H> void removeCredentials(H headers, Editor<H> editor) {
        for (AsciiString name : credentials.keySet()) {
            editor.remove(headers, name);
        }
    }

    /// How to change a header list of type `H`. One stateless instance serves every request.
    public interface Editor<H> {
        void remove(H headers, AsciiString name);

        void set(H headers, AsciiString name, AsciiString value);

        void add(H headers, AsciiString name, AsciiString value);

        /// A value that is made of what is known of the request; only for operations that are
        /// [HeaderOps#isComposed()].
        default AsciiString text(ParsedFormat value) {
            throw new IllegalStateException("nothing is known of the request");
        }

        /// @return false where the credential is missing
        default boolean set(H headers, AsciiString name, CredentialText value) {
            AsciiString text = value.value();
            if (text != null) {
                set(headers, name, text);
            }
            return text != null;
        }
    }

    private static <V> Map<String, V> lowerCase(Map<String, V> fields) {
        Map<String, V> sorted = new TreeMap<>();
        fields.forEach((name, value) -> sorted.put(AsciiCase.lower(name), value));
        return sorted;
    }

    private static boolean isPseudo(String name) {
        return name.startsWith(":") || name.equals("host");
    }

    private static @Nullable String authorityOf(Map<String, String> fields) {
        String authority = fields.get(":authority");
        return authority != null ? authority : fields.get("host");
    }

    private static AsciiString utf8(String value) {
        return new AsciiString(value.getBytes(StandardCharsets.UTF_8), false);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HeaderOps that
                && Arrays.equals(removed, that.removed)
                && Arrays.equals(setNames, that.setNames)
                && Arrays.equals(setValues, that.setValues)
                && Arrays.equals(setFormats, that.setFormats)
                && Arrays.equals(addedFormats, that.addedFormats)
                && Arrays.equals(addedNames, that.addedNames)
                && Arrays.equals(addedValues, that.addedValues)
                && Objects.equals(authority, that.authority)
                && credentials.equals(that.credentials);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(new Object[] {
            removed, setNames, setValues, setFormats, addedNames, addedValues, addedFormats, authority, credentials
        });
    }

    @Override
    public String toString() {
        return "HeaderOps[remove=" + Arrays.toString(removed) + ", set=" + Arrays.toString(setNames) + ", add="
                + Arrays.toString(addedNames) + ", authority=" + authority + ", credentials=" + credentials + ']';
    }
}
