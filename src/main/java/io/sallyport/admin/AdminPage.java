package io.sallyport.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The page at `/`: what is served, and the way to the rest. Without scripts, so that nothing in a configuration can
/// become one.
final class AdminPage {
    static final String CONTENT_TYPE = "text/html; charset=utf-8";
    static final String POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

    private static final String STYLE = """
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
            table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .2rem .8rem .2rem 0;
            border-bottom: 1px solid #ddd; vertical-align: top; } pre { overflow: auto; background: #f5f5f5; padding: 1rem; }
            input[name=url] { width: 24rem; }
            """;

    private final StringBuilder html = new StringBuilder(4096);

    private AdminPage() {}

    static String of(ServingState state, AdminView view) {
        var page = new AdminPage();
        page.html
                .append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sallyport</title><style>")
                .append(STYLE)
                .append("</style><h1>Sallyport</h1><p>");
        page.text(state.name().toLowerCase(Locale.ROOT));
        page.html.append("</p>");
        page.section("Status").pre(view.status());
        page.section("Listeners").table(view.listeners());
        page.section("Clusters").table(view.clusters());
        page.section("Explain").html.append("""
                <form action="/explain"><input name="url" value="http://localhost/" aria-label="URL">
                <input name="method" value="GET" aria-label="method"> <button>Explain</button></form>
                """);
        page.section("More").html.append("""
                <p><a href="/config_dump">/config_dump</a> <a href="/clusters">/clusters</a> <a href="/listeners">/listeners</a> <a href="/egress">/egress</a> <a href="/identity">/identity</a></p>
                <form action="/drain" method="post"><button>Drain</button></form>
                """);
        return page.html.append("</html>\n").toString();
    }

    private AdminPage section(String title) {
        html.append("<h2>").append(title).append("</h2>");
        return this;
    }

    private void pre(JsonObject object) {
        html.append("<pre>");
        text(object.encodePrettily());
        html.append("</pre>");
    }

    /// The plain values of each object as a row.
    private void table(JsonArray rows) {
        Set<String> columns = new LinkedHashSet<>();
        for (int i = 0; i < rows.size(); i++) {
            JsonObject row = rows.getJsonObject(i);
            row.fieldNames().stream()
                    .filter(name -> isPlain(row.getValue(name)))
                    .forEach(columns::add);
        }
        html.append("<table><tr>");
        for (String column : columns) {
            cell("th", column);
        }
        for (int i = 0; i < rows.size(); i++) {
            html.append("<tr>");
            for (String column : columns) {
                Object value = rows.getJsonObject(i).getValue(column);
                cell("td", isPlain(value) && value != null ? value.toString() : "");
            }
        }
        html.append("</table>");
    }

    private static boolean isPlain(@Nullable Object value) {
        return !(value instanceof JsonObject) && !(value instanceof JsonArray);
    }

    private void cell(String tag, String value) {
        html.append('<').append(tag).append('>');
        text(value);
        html.append("</").append(tag).append('>');
    }

    private void text(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '&' -> html.append("&amp;");
                case '"' -> html.append("&quot;");
                default -> html.append(c);
            }
        }
    }
}
