package io.sallyport.runtime.settings;

import io.smallrye.config.WithDefault;

/// Settings under `sallyport.access-log`.
public interface AccessLogSettings {
    @Meaning("Writes a line to standard output for every request.")
    @WithDefault("true")
    boolean enabled();

    @Meaning("`text` for Istio's default line, `json` for an object with Istio's default keys.")
    @WithDefault("text")
    AccessLogFormat format();

    @Meaning("Lines that may wait to be written, for each event loop; beyond it they are dropped and counted.")
    @WithDefault("8192")
    int queue();
}
