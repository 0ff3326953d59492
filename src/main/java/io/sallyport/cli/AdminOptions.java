package io.sallyport.cli;

import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Which running gateway a command asks.
final class AdminOptions {
    private static final int LARGEST_PORT = 65_535;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            description = "Admin port of the running gateway. Default: sallyport.admin.port (SALLYPORT_ADMIN_PORT),"
                    + " or 15000, on 127.0.0.1.",
            defaultValue = "127.0.0.1:${sys:sallyport.admin.port:-${env:SALLYPORT_ADMIN_PORT:-15000}}")
    private String address = "";

    /// @throws ParameterException where the address is none
    AdminClient client() {
        try {
            URI url = new URI(address.startsWith("http://") ? address : "http://" + address);
            boolean bare = url.getRawUserInfo() == null
                    && (url.getRawPath().isEmpty() || url.getRawPath().equals("/"))
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null;
            if (url.getHost() != null && url.getPort() > 0 && url.getPort() <= LARGEST_PORT && bare) {
                return new AdminClient(url.getRawAuthority());
            }
        } catch (URISyntaxException e) {
            // As an address that is incomplete.
        }
        throw new ParameterException(
                spec.commandLine(),
                "--admin takes an address such as 127.0.0.1:15000, not '" + address
                        + "'; a gateway that takes any free port (0) says at its start which one");
    }
}
