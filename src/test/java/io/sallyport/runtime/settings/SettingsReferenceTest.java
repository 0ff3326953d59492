package io.sallyport.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Holds `config/settings.md` to the mapping. `-Dsallyport.test.write=true` writes the table anew.
class SettingsReferenceTest {
    private static final Path REFERENCE = Path.of("config", "settings.md");
    private static final String HEADER = "| key | environment | type | default | meaning |\n|---|---|---|---|---|\n";

    @Test
    void theReferenceListsEverySettingAsItIs() throws Exception {
        String text = Files.readString(REFERENCE);
        String before = text.substring(0, text.indexOf(HEADER));
        String expected = before + HEADER + String.join("\n", rows()) + "\n";
        if (Boolean.getBoolean("sallyport.test.write")) {
            Files.writeString(REFERENCE, expected);
        }

        assertThat(Files.readString(REFERENCE)).isEqualTo(expected);
    }

    private static List<String> rows() {
        var rows = new ArrayList<String>();
        collect(Settings.class, "sallyport", rows);
        Collections.sort(rows);
        return rows;
    }

    private static void collect(Class<?> group, String prefix, List<String> rows) {
        for (Method method : group.getDeclaredMethods()) {
            String key = prefix + "." + hyphenated(method.getName());
            if (method.isAnnotationPresent(Meaning.class)) {
                rows.add(row(method, key));
            } else {
                assertThat(method.getReturnType().isInterface())
                        .as("%s has no meaning", key)
                        .isTrue();
                collect(method.getReturnType(), key, rows);
            }
        }
    }

    private static String row(Method method, String key) {
        boolean map = method.getReturnType() == Map.class;
        WithDefault fallback = method.getAnnotation(WithDefault.class);
        return "| `%s` | `%s` | %s | %s | %s |"
                .formatted(
                        map ? key + ".<n>" : key,
                        UnknownSettings.variable(key) + (map ? "_<n>" : ""),
                        map ? "port" : key.endsWith("-file") ? "file" : type(method.getGenericReturnType()),
                        fallback == null ? "" : "`" + fallback.value() + "`",
                        method.getAnnotation(Meaning.class).value());
    }

    private static String type(Type type) {
        if (type instanceof ParameterizedType generic) {
            String argument = type(generic.getActualTypeArguments()[0]);
            return generic.getRawType() == Optional.class ? argument : "list, separated by commas";
        }
        if (type instanceof Class<?> c && c.isEnum()) {
            return Arrays.stream(c.getEnumConstants())
                    .map(constant ->
                            "`" + constant.toString().toLowerCase(Locale.ROOT).replace('_', '-') + "`")
                    .collect(Collectors.joining(", "));
        }
        return Map.<Type, String>of(
                        int.class, "number",
                        boolean.class, "true or false",
                        Boolean.class, "true or false",
                        String.class, "text",
                        Path.class, "directory",
                        Duration.class, "duration",
                        MemorySize.class, "size")
                .get(type);
    }

    private static String hyphenated(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
