package io.sallyport.cli;

import picocli.CommandLine.IVersionProvider;

/// The version as the build wrote it into the configuration.
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"sallyport"};
    }
}
