package io.sallyport.runtime.settings;

import io.smallrye.config.WithDefault;
import java.util.Optional;

/// Settings under `sallyport.access-log`.
public interface AccessLogSettings {
    @Meaning("Writes a line for every request.")
    @WithDefault("true")
    boolean enabled();

    @Meaning("`text` for Istio's default line, `json` for an object with Istio's default keys.")
    @WithDefault("text")
    AccessLogFormat format();

    @Meaning(
            "What a line says, by Envoy's command operators (config/access-log.md): a line with `text`, an object of JSON"
                    + " with `json`. Unset: what Istio has by default. A MeshConfig's `accessLogFormat` or `accessLogEncoding` takes"
                    + " the place of this and of `format`.")
    Optional<String> template();

    @Meaning(
            "Absolute path of the file that gets the lines; it is opened anew where it was moved away. `/dev/stdout` and"
                    + " `/dev/stderr` are the process's own. A MeshConfig's `accessLogFile` takes its place.")
    @WithDefault("/dev/stdout")
    String file();

    @Meaning("Lines that may wait to be written, for each event loop; beyond it they are dropped and counted.")
    @WithDefault("8192")
    int queue();
}
