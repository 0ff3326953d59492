package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Paths of external APIs: what must reach them as it is, and what would lead a rule or them astray.
class ForwardProxyPathTest {
    private static RequestTarget normalize(String target) {
        return PathNormalizer.forForwardProxy(EncodedSlashes.KEEP).normalize(target);
    }

    @ParameterizedTest
    @CsvSource({
        "/@angular%2fcore, /@angular%2Fcore",
        "/@angular%2Fcore, /@angular%2Fcore",
        "/api/v4/projects/group%2Fsub%2Fproject/issues, /api/v4/projects/group%2Fsub%2Fproject/issues",
        "/api/v4/projects/1/repository/files/src%2F.gitignore/raw, /api/v4/projects/1/repository/files/src%2F.gitignore/raw",
        "/a%5cb, /a%5Cb",
        "/%2F, /%2F",
        "/%2F%2f, /%2F%2F",
        "/bucket//key, /bucket//key",
        "//, //",
        "/https://a.example/, /https://a.example/",
        "/a;v=1/b;w, /a;v=1/b;w",
        "/...%2Fa, /...%2Fa",
        "/a..%2Fb, /a..%2Fb",
        "/a%2F..b, /a%2F..b",
        "/a%2F..., /a%2F...",
        "/..a%2Fb, /..a%2Fb",
        "/a.%2Fb., /a.%2Fb.",
        "/a%252F..%252Fb, /a%252F..%252Fb",
        "/..%252fb, /..%252fb",
        "/%41%2f%62, /A%2Fb",
        "/a{b}, /a%7Bb%7D",
    })
    void whatAnApiMayMeanIsForwarded(String target, String forwarded) {
        assertThat(normalize(target)).isEqualTo(new RequestTarget(forwarded, null, null));
    }

    @ParameterizedTest
    @CsvSource({
        "/allowed/../admin, /admin",
        "/allowed/%2e%2e/admin, /admin",
        "/allowed/.%2E/admin, /admin",
        "/allowed/./x, /allowed/x",
        "/allowed//../../admin, /admin",
        "/a%2Fb/../c, /c",
        "/a/../b%2Fc, /b%2Fc",
        "/a%2Fb/./c, /a%2Fb/c",
    })
    void aRuleSeesWhereAPathLeads(String target, String canonical) {
        assertThat(normalize(target)).isEqualTo(new RequestTarget(canonical, null, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/..%2f",
                "/..%2fadmin",
                "/a/..%2Fadmin",
                "/%2f..",
                "/%2f../admin",
                "/a%2f..%2fadmin",
                "/a%2f%2e%2e%2fadmin",
                "/a%2F.%2E/admin",
                "/a%2F%2F../admin",
                "/a/.%2e%2fadmin",
                "/a%5c..%5cadmin",
                "/a%5C..%2Fadmin",
                "/..%5cadmin",
                "/.%2fadmin",
                "/a%2f.%2fadmin",
                "/a%2F.",
                "/a%2F..;x",
                "/a%2F..;x%2Fadmin",
                "/a%2F..%3Bx/admin",
                "/..;x%2Fadmin",
                "/..;/admin",
                "/a/..;x=1/admin",
                "/.;/admin",
                "/..",
                "/a/../../b",
                "/a%2Fb/../..",
            })
    void whatWouldClimbAtAServerThatDecodesIsRefused(String target) {
        assertThat(normalize(target).isRejected()).as(target).isTrue();
        String upper = target.toUpperCase(Locale.ROOT);
        assertThat(normalize(upper).isRejected()).as(upper).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%00",
                "/a%2F%00",
                "/%",
                "/%2",
                "/%zz",
                "/%2Fa%",
                "/%u002f",
                "/%c0%af",
                "/%e0%80%af",
                "/%ff",
                "/a\\b",
                "/..\\b",
                "/a\tb",
                "/a b",
                "/a\u0000",
                "/a\u007f",
                "/\u00e9",
                "/a#b",
                "",
                "a",
                "*"
            })
    void whatHasNoSafeMeaningIsRefused(String target) {
        assertThat(normalize(target).isRejected()).isTrue();
    }

    @Test
    void theQueryStaysAsItWasSent() {
        assertThat(normalize("/a%2fb?u=https%3a%2f%2fb/../c").pathAndQuery())
                .isEqualTo("/a%2Fb?u=https%3a%2f%2fb/../c");
    }

    @Test
    void aCanonicalTargetIsNotCopied() {
        String target = "/group%2Fproject//x;y";
        assertThat(normalize(target).path()).isSameAs(target);
    }

    /// As prefix `/static` with `/files/` makes of `/static..%2Fx`.
    @ParameterizedTest
    @CsvSource({
        "/files/..%2Fx, true",
        "/files/..%5cx, true",
        "/files%2f../x, true",
        "/files%2F.., true",
        "/files/.%2Fx, true",
        "/files/..%3bx, true",
        "/files/../x, true",
        "/files/..;x, true",
        "/files/., true",
        "/files/...%2Fx, false",
        "/files/..x, false",
        "/files/x..%2Fx, false",
        "/files/x%2F..x, false",
        "/files/x.., false",
        "/.well-known, false",
        "/%2e, true",
        "/a/%2E%2e/b, true",
        "/a/.%2e;x, true",
        "/a%2f%2e%2e%5cb, true",
        "/%2ehidden, false",
        "/a%2e, false",
        "/%2e%2e%2e, false"
    })
    void aRewriteThatMakesADotSegmentIsSeen(String path, boolean seen) {
        assertThat(PathNormalizer.hasDotSegment(path)).isEqualTo(seen);
    }
}
