package io.sallyport.runtime.settings;

import org.jspecify.annotations.Nullable;

/// Why a setting is refused.
///
/// @param key as it was written: `sallyport.admin.port` or `SALLYPORT_ADMIN_PORT`
/// @param value as it was written; null where the key itself is wrong
public record SettingProblem(String key, @Nullable String value, String reason) {
    @Override
    public String toString() {
        return value == null ? key + ": " + reason : key + "=" + value + ": " + reason;
    }
}
