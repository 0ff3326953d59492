package io.sallyport.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/// The version that the build wrote into the jar's manifest. Read in a static initialiser, because a native image has
/// no manifest and runs these while it is built.
final class Version implements IVersionProvider {
    private static final String VERSION =
            Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "(development)");

    /// Without the program's name.
    static String number() {
        return VERSION;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"sallyport " + VERSION};
    }
}
