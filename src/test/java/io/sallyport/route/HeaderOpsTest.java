package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// Fields that hold a credential of the gateway's own.
class HeaderOpsTest {
    private static final HeaderOps.Editor<Map<String, String>> FIELDS = new HeaderOps.Editor<>() {
        @Override
        public void remove(Map<String, String> headers, AsciiString name) {
            headers.remove(name.toString());
        }

        @Override
        public void set(Map<String, String> headers, AsciiString name, AsciiString value) {
            headers.put(name.toString(), value.toString());
        }

        @Override
        public void add(Map<String, String> headers, AsciiString name, AsciiString value) {
            headers.merge(name.toString(), value.toString(), (one, other) -> one + "," + other);
        }
    };

    private final AtomicReference<AsciiString> now = new AtomicReference<>();
    private final CredentialText bearer = new CredentialText("Bearer ", credential(), "");
    private final HeaderOps ops = HeaderOps.of(Map.of("a", "1"), Map.of("b", "2"), List.of("c"))
            .withCredentials(Map.of("Authorization", bearer));

    private HeaderCredential credential() {
        return new HeaderCredential() {
            @Override
            public AsciiString value() {
                return now.get();
            }

            @Override
            public String description() {
                return "a secret";
            }
        };
    }

    @Test
    void aCredentialTakesThePlaceOfWhatIsThere() {
        now.set(AsciiString.of("first"));
        Map<String, String> headers = new TreeMap<>(Map.of("authorization", "of the client", "c", "3"));
        assertThat(ops.apply(headers, FIELDS)).isTrue();
        assertThat(headers).isEqualTo(Map.of("a", "1", "authorization", "Bearer first", "b", "2"));

        now.set(AsciiString.of("second"));
        ops.apply(headers, FIELDS);
        assertThat(headers).containsEntry("authorization", "Bearer second");
        ops.removeCredentials(headers, FIELDS);
        assertThat(headers).containsOnlyKeys("a", "b");
    }

    @Test
    void withoutItTheOperationsAreNotComplete() {
        assertThat(ops.apply(new TreeMap<>(), FIELDS)).isFalse();
        assertThat(HeaderOps.NONE.apply(new TreeMap<>(), FIELDS)).isTrue();
    }

    @Test
    void oneCredentialIsComposedOnce() {
        now.set(AsciiString.of("same"));

        assertThat((CharSequence) bearer.value()).isSameAs(bearer.value());
    }

    @Test
    void nobodyReadsItWhereOperationsAreShown() {
        now.set(AsciiString.of("hidden"));

        assertThat(ops.toString()).contains("Bearer <a secret>").doesNotContain("hidden");
        assertThat(ops.isEmpty()).isFalse();
    }

    @Test
    void operationsAreEqualWhereTheirCredentialsAre() {
        HeaderOps literal = HeaderOps.of(Map.of("a", "1"), Map.of("b", "2"), List.of("c"));

        assertThat(ops).isNotEqualTo(literal).isEqualTo(literal.withCredentials(Map.of("authorization", bearer)));
        assertThat(ops)
                .isNotEqualTo(literal.withCredentials(
                        Map.of("authorization", new CredentialText("", new HeaderCredential.Absent("x"), ""))));
    }
}
