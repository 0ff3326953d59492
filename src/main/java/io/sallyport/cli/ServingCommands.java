package io.sallyport.cli;

import io.quarkus.picocli.runtime.annotations.TopCommand;
import picocli.CommandLine.Command;

/// The commands of [SallyportCommand] that serve, by themselves: to read the annotations of all others takes a tenth of
/// a native start.
@TopCommand
@Command(
        name = "sallyport",
        subcommands = {ServeCommand.class, DemoCommand.class, WebhookCommand.class})
public final class ServingCommands {}
