package io.sallyport.compile;

/// How requests are logged where no MeshConfig says otherwise.
///
/// @param enabled whether they are logged at all, whatever MeshConfig says
/// @param json the encoding
/// @param template with Envoy's operators; empty for what is usual
/// @param file absolute path
public record LogDefaults(boolean enabled, boolean json, String template, String file) {
    /// Istio's usual line, to standard output.
    public static final LogDefaults USUAL = new LogDefaults(true, false, "", "/dev/stdout");
}
