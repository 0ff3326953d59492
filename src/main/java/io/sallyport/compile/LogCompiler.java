package io.sallyport.compile;

import io.sallyport.config.model.MeshConfig;
import io.sallyport.config.model.MeshConfig.LogEncoding;
import io.sallyport.format.FormatException;
import io.sallyport.format.LogPlan;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// Compiles how requests are logged: as MeshConfig says, else as the settings do.
final class LogCompiler {
    private LogCompiler() {}

    /// Null for as it is usual.
    static @Nullable LogPlan compile(Collection<MeshConfig> configs, LogDefaults defaults) {
        if (!defaults.enabled()) {
            return null;
        }
        boolean json = defaults.json();
        String template = defaults.template();
        String file = defaults.file();
        boolean said = !template.isEmpty();
        for (MeshConfig config : configs) {
            if (config.accessLogEncoding() != null || !config.accessLogFormat().isEmpty()) {
                json = config.accessLogEncoding() == LogEncoding.JSON;
                template = config.accessLogFormat();
                said = true;
            }
            if (!config.accessLogFile().isEmpty()) {
                file = config.accessLogFile();
                said = true;
            }
        }
        try {
            return said ? LogPlan.of(json, template, file) : null;
        } catch (FormatException e) {
            // It was reported before.
            return null;
        }
    }
}
