package io.sallyport.runtime.settings;

import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.DotEnvConfigSourceProvider;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/// Reads the settings where Quarkus reads its own, with the same precedence: system properties, the environment,
/// `.env` and `config/application.properties` in the working directory, `application.properties` in the program. It
/// needs no Quarkus to run, so that the commands which do not serve see the same settings.
public final class SettingsLoader {
    static final String PREFIX = "sallyport.";

    private static final int HIGHEST = 1000;
    private static final int SYSTEM_PROPERTIES = 400;
    private static final int ENVIRONMENT = 300;
    /// As Quarkus has it, between the environment and what is in the program.
    private static final int FILE = 260;

    private static final int PROGRAM = 250;

    private final List<ConfigSource> sources;
    private final Map<String, String> environment;

    private SettingsLoader(List<ConfigSource> sources, Map<String, String> environment) {
        this.sources = sources;
        this.environment = environment;
    }

    /// The settings of this process.
    ///
    /// @param fixed settings that win over all others
    /// @throws SettingsException with every problem: unknown keys and wrong values
    public static Settings load(Map<String, String> fixed) throws SettingsException {
        var properties = new HashMap<String, String>();
        System.getProperties().stringPropertyNames().forEach(name -> properties.put(name, System.getProperty(name)));
        properties.putAll(fixed);
        var sources = new ArrayList<ConfigSource>();
        sources.addAll(DotEnvConfigSourceProvider.dotEnvSources(SettingsLoader.class.getClassLoader()));
        try {
            Path file = Path.of("config", "application.properties");
            if (Files.isReadable(file)) {
                sources.add(new PropertiesConfigSource(file.toUri().toURL(), FILE));
            }
            URL program = SettingsLoader.class.getResource("/application.properties");
            if (program != null) {
                sources.add(new PropertiesConfigSource(program, PROGRAM));
            }
        } catch (IOException e) {
            throw new SettingsException(
                    List.of(new SettingProblem("application.properties", null, "cannot be read: " + e.getMessage())));
        }
        return load(properties, System.getenv(), sources);
    }

    /// The settings of this process.
    public static Settings load() throws SettingsException {
        return load(Map.of());
    }

    static Settings load(Map<String, String> properties, Map<String, String> environment, List<ConfigSource> files)
            throws SettingsException {
        var sources = new ArrayList<>(files);
        sources.add(new PropertiesConfigSource(properties, "system properties", SYSTEM_PROPERTIES));
        sources.add(new EnvConfigSource(environment, ENVIRONMENT));
        return new SettingsLoader(sources, environment).read();
    }

    private Settings read() throws SettingsException {
        ConfigClass mapping = ConfigClass.configClass(Settings.class);
        SmallRyeConfig config;
        List<SettingProblem> problems;
        try {
            config = builder().withMapping(mapping).build();
            problems = unknown(mapping, config);
        } catch (ConfigValidationException e) {
            List<SettingProblem> wrong = ConversionProblems.of(e);
            problems = unknown(mapping, builder().build());
            problems.addAll(wrong);
            config = withoutValues(mapping, wrong, problems);
        }
        Settings settings = config.getConfigMapping(Settings.class);
        problems.addAll(new SettingsCheck(config, settings).problems());
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return settings;
    }

    private List<SettingProblem> unknown(ConfigClass mapping, SmallRyeConfig config) {
        return new ArrayList<>(
                new UnknownSettings(mapping.getProperties().keySet()).find(config.getPropertyNames(), environment));
    }

    /// The same settings with the defaults instead of the values that cannot be read, so that whatever else is wrong is
    /// found, too.
    private SmallRyeConfig withoutValues(ConfigClass mapping, List<SettingProblem> wrong, List<SettingProblem> problems)
            throws SettingsException {
        var defaults = new HashMap<String, String>();
        for (SettingProblem problem : wrong) {
            defaults.put(problem.key(), mapping.getProperties().getOrDefault(problem.key(), ""));
        }
        try {
            return builder()
                    .withSources(new PropertiesConfigSource(defaults, "defaults", HIGHEST))
                    .withMapping(mapping)
                    .build();
        } catch (ConfigValidationException e) {
            throw new SettingsException(problems);
        }
    }

    private SmallRyeConfigBuilder builder() {
        return new SmallRyeConfigBuilder()
                .forClassLoader(SettingsLoader.class.getClassLoader())
                .withValidateUnknown(false)
                .addDefaultInterceptors()
                .withConverter(Duration.class, HIGHEST, new DurationConverter())
                .withConverter(MemorySize.class, HIGHEST, new MemorySizeConverter())
                .withSources(sources);
    }
}
