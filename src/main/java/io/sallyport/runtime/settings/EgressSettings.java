package io.sallyport.runtime.settings;

import io.sallyport.egress.EgressMode;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Settings under `sallyport.egress`: what mesh clients may reach.
public interface EgressSettings {
    @Meaning(
            "`registry-only`: what a ServiceEntry, a mesh service or a VirtualService names. `allow-any`: everything,"
                    + " what is not listed is logged. `learn`: everything, and `sallyport egress --suggest` makes a list of it.")
    @WithDefault("registry-only")
    EgressMode mode();

    @Meaning("Guarded address ranges (loopback, private, link-local, …) that names outside the mesh may resolve to.")
    Optional<List<String>> allowedCidrs();

    @Meaning("Addresses and ranges by which others reach this gateway although none of its interfaces has them: its"
            + " Pod's, its Service's, a balancer's. Mesh clients are not let back in by them to the mesh listener, admin"
            + " or health port. Services that are discovered need not be named.")
    Optional<List<String>> ownAddresses();

    @Meaning("File that keeps when listed and learned hosts were used, over restarts. Unset: nothing is kept.")
    Optional<Path> usageFile();

    @Meaning("Denied hosts and ports that are counted one by one; further ones are counted as one, named `overflow`.")
    @WithDefault("200")
    int maxDeniedHosts();
}
