package io.sallyport.cli;

import io.quarkus.picocli.runtime.annotations.TopCommand;
import picocli.CommandLine.Command;

/// The command under which all others stand; each of them is a class of its own in this package.
@TopCommand
@Command(
        name = "sallyport",
        description = "An ingress and egress gateway that speaks Istio's resource format.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            ServeCommand.class,
            DemoCommand.class,
            ValidateCommand.class,
            ExplainCommand.class,
            EgressCommand.class
        })
public final class SallyportCommand {}
