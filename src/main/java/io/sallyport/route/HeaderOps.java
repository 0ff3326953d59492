package io.sallyport.route;

import io.netty.util.AsciiString;
import io.sallyport.net.AsciiCase;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
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
    private final @Nullable RewrittenAuthority authority;
    /// Of the gateway's own, by the names that they are set for.
    private final Map<AsciiString, CredentialText> credentials;

    private HeaderOps(
            AsciiString[] removed,
            AsciiString[][] set,
            AsciiString[][] added,
            @Nullable RewrittenAuthority authority,
            Map<AsciiString, CredentialText> credentials) {
        this.credentials = credentials;
        this.removed = removed;
        this.setNames = set[0];
        this.setValues = set[1];
        this.addedNames = added[0];
        this.addedValues = added[1];
        this.authority = authority;
    }

    /// Values are sent as UTF-8, and must have no white space at their ends (RFC 9110, 5.5).
    ///
    /// @param set replaces the fields of a name; sorted by name as Istio does
    /// @param add appends a field, after what was set
    /// @param remove names, removed before anything is set or added
    public static HeaderOps of(Map<String, String> set, Map<String, String> add, List<String> remove) {
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
                columns(setByName),
                columns(addByName),
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
                new AsciiString[][] {setNames, setValues},
                new AsciiString[][] {addedNames, addedValues},
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

    /// Removes, then sets, then adds.
    ///
    /// @return false where a credential is missing
    public <H> boolean apply(H headers, Editor<H> editor) {
        applyRemovals(headers, editor);
        return applyAdditions(headers, editor);
    }

    <H> void applyRemovals(H headers, Editor<H> editor) {
        for (AsciiString name : removed) {
            editor.remove(headers, name);
        }
    }

    /// @return false where a credential is missing
    <H> boolean applyAdditions(H headers, Editor<H> editor) {
        for (int i = 0; i < setNames.length; i++) {
            editor.set(headers, setNames[i], setValues[i]);
        }
        boolean complete = true;
        if (!credentials.isEmpty()) {
            for (Map.Entry<AsciiString, CredentialText> each : credentials.entrySet()) {
                complete &= editor.set(headers, each.getKey(), each.getValue());
            }
        }
        for (int i = 0; i < addedNames.length; i++) {
            editor.add(headers, addedNames[i], addedValues[i]);
        }
        return complete;
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

        /// @return false where the credential is missing
        default boolean set(H headers, AsciiString name, CredentialText value) {
            AsciiString text = value.value();
            if (text != null) {
                set(headers, name, text);
            }
            return text != null;
        }
    }

    private static Map<String, String> lowerCase(Map<String, String> fields) {
        Map<String, String> sorted = new TreeMap<>();
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

    private static AsciiString[][] columns(Map<String, String> fields) {
        List<Map.Entry<String, String>> kept = fields.entrySet().stream()
                .filter(field -> !isPseudo(field.getKey()))
                .toList();
        return new AsciiString[][] {
            kept.stream().map(field -> AsciiString.cached(field.getKey())).toArray(AsciiString[]::new),
            kept.stream().map(field -> utf8(field.getValue())).toArray(AsciiString[]::new)
        };
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
                && Arrays.equals(addedNames, that.addedNames)
                && Arrays.equals(addedValues, that.addedValues)
                && Objects.equals(authority, that.authority)
                && credentials.equals(that.credentials);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(
                new Object[] {removed, setNames, setValues, addedNames, addedValues, authority, credentials});
    }

    @Override
    public String toString() {
        return "HeaderOps[remove=" + Arrays.toString(removed) + ", set=" + Arrays.toString(setNames) + ", add="
                + Arrays.toString(addedNames) + ", authority=" + authority + ", credentials=" + credentials + ']';
    }
}
