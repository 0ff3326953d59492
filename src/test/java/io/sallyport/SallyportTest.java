package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cli.SallyportCommand;
import io.sallyport.cli.ServingCommands;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class SallyportTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "serve, true",
        "demo, true",
        "validate config, false",
        "explain config --url http://demo/, false",
        "validate serve, false",
        "--help, false",
        "serve --help, false",
        "--version, false",
        "unknown, false",
    })
    void onlyServingCommandsOpenTheHealthPort(String command, boolean serves) {
        assertThat(Sallyport.serves(List.of(command.split(" ")))).isEqualTo(serves);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | serve",
                "src | serve src",
                "src --help | serve src --help",
                "./missing | serve ./missing",
                "missing | missing",
                "validate src | validate src",
                "--help | --help",
            })
    void aDirectoryAloneIsServed(String arguments, String command) {
        assertThat(Sallyport.command(arguments.isEmpty() ? List.of() : List.of(arguments.split(" "))))
                .isEqualTo(List.of(command.split(" ")));
    }

    /// A directory may have a command's name: the command comes first.
    @Test
    void everyCommandIsKnownByName() {
        assertThat(new CommandLine(new SallyportCommand()).getSubcommands().keySet())
                .isNotEmpty()
                .allSatisfy(name -> assertThat(Sallyport.isCommand(name)).isTrue());
    }

    /// They are found when the process serves, and no others.
    @Test
    void theCommandsThatServeAreThoseThatQuarkusKnows() {
        assertThat(new CommandLine(new SallyportCommand())
                        .getSubcommands().keySet().stream().filter(name -> Sallyport.serves(List.of(name))))
                .containsExactlyInAnyOrderElementsOf(
                        new CommandLine(new ServingCommands()).getSubcommands().keySet());
    }
}
