package io.sallyport.testing;

import io.sallyport.cli.SallyportCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/// The commands of `sallyport`, one after another: in the test's own process or, with the system property
/// `test.program=true`, as the program that was built.
public final class Commands {
    private static final Map<String, String> DEFAULT_PORTS =
            Map.of("SALLYPORT_HEALTH_PORT", "15021", "SALLYPORT_ADMIN_PORT", "15000");

    private String out = "";
    private String err = "";

    /// @return the exit code
    public int run(String... arguments) {
        return Boolean.getBoolean("test.program") ? runProgram(arguments) : runHere(arguments);
    }

    private int runHere(String... arguments) {
        StringWriter printed = new StringWriter();
        StringWriter complained = new StringWriter();
        int exit = SallyportCommand.commandLine()
                .setOut(new PrintWriter(printed, true))
                .setErr(new PrintWriter(complained, true))
                .execute(arguments);
        out = printed.toString();
        err = complained.toString();
        return exit;
    }

    private int runProgram(String... arguments) {
        try (BuiltProgram program = BuiltProgram.start(DEFAULT_PORTS, arguments)) {
            int exit = program.exitCode();
            out = text(program.out);
            err = text(program.err);
            return exit;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(List<String> lines) {
        return lines.isEmpty() ? "" : String.join("\n", lines) + '\n';
    }

    /// What the last command printed.
    public String out() {
        return out;
    }

    /// What the last command had to complain about.
    public String err() {
        return err;
    }

    /// Exit code, a bar, and all that was printed.
    public static String all(String... arguments) {
        Commands commands = new Commands();
        return commands.run(arguments) + "|" + commands.out + commands.err;
    }
}
