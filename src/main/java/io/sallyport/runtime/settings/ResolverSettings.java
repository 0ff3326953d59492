package io.sallyport.runtime.settings;

import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Settings under `sallyport.dns`: how the names of endpoints are looked up.
public interface ResolverSettings {
    @Meaning("Name servers, `10.96.0.10`, `10.96.0.10:5353` or `[fd00::10]:53`, asked in this order. Unset: those of"
            + " `/etc/resolv.conf`.")
    Optional<List<String>> servers();

    @Meaning("Longest time for one query to one server.")
    @WithDefault("3s")
    Duration queryTimeout();

    @Meaning("`auto` looks for IPv4 addresses, and for IPv6 where an interface has a global one; `v4-preferred` and"
            + " `v6-preferred` look for both, whatever the interfaces have.")
    @WithDefault("auto")
    LookupFamily lookupFamily();
}
