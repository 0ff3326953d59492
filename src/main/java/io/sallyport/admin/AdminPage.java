package io.sallyport.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The page at `/`, its style and its script. They are the same for everyone; what is served is JSON that the script
/// asks for, and text wherever it is shown.
///
/// @param body in UTF-8
record AdminPage(String contentType, byte[] body) {
    /// The browser runs the script of this port and no other, and lets it make elements of text alone: with Trusted
    /// Types, no string becomes markup.
    static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
                    + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    // Read when the class is initialized, which is at build time for the native executable.
    private static final Map<String, AdminPage> BY_PATH = Map.of(
            "/", read("page.html", "text/html; charset=utf-8"),
            "/page.css", read("page.css", "text/css; charset=utf-8"),
            "/page.js", read("page.js", "text/javascript; charset=utf-8"));

    /// The part of the page at the path, or null.
    static @Nullable AdminPage at(@Nullable String path) {
        return path == null ? null : BY_PATH.get(path);
    }

    private static AdminPage read(String name, String contentType) {
        try (InputStream in = AdminPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing in the jar");
            }
            return new AdminPage(contentType, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
