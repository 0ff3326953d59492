package io.sallyport.config.testing;

import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.LoadResult;
import io.sallyport.config.SourceFile;
import io.sallyport.config.model.Configuration;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Configurations for tests, written as YAML.
public final class ConfigurationText {
    private ConfigurationText() {}

    /// The configuration that these documents make; fails if there is anything wrong with one of them.
    public static Configuration read(String... documents) {
        LoadResult loaded = load(documents);
        if (loaded.hasErrors()) {
            throw new AssertionError(loaded.problems());
        }
        return loaded.configuration();
    }

    public static LoadResult load(String... documents) {
        byte[] text = String.join("\n---\n", documents).getBytes(StandardCharsets.UTF_8);
        return ConfigurationLoader.load(List.of(new SourceFile("test.yaml", text)), LoadOptions.DEFAULT);
    }

    /// A document of the networking group.
    ///
    /// @param name `name` or `namespace/name`
    /// @param spec in YAML, either in flow style or in lines indented by two blanks
    public static String document(String kind, String name, String spec) {
        int slash = name.indexOf('/');
        String metadata = slash < 0
                ? "{name: " + name + "}"
                : "{name: " + name.substring(slash + 1) + ", namespace: " + name.substring(0, slash) + "}";
        return "apiVersion: networking.istio.io/v1\nkind: " + kind + "\nmetadata: " + metadata + "\nspec:\n  " + spec;
    }
}
