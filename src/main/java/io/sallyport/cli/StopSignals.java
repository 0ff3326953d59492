package io.sallyport.cli;

import java.io.Console;
import java.lang.System.Logger;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import sun.misc.Signal;

/// SIGTERM and SIGINT: until a command serves they end the process at once. Then the first asks the process to stop,
/// the second ends it at once. SIGHUP does so from the terminal
/// that the process runs in; without one it is a habit of who wants files to be read anew, which they are anyway.
///
/// The JVM's own handling would run the shutdown hooks, during which a further signal does nothing: nobody could end a
/// drain that takes too long but with SIGKILL.
public final class StopSignals {
    private static final Logger LOG = System.getLogger(StopSignals.class.getName());

    /// What a shell adds to the number of the signal that ended a process.
    private static final int SIGNALLED = 128;

    private static final List<String> STOPPING = List.of("TERM", "INT");

    private final AtomicBoolean stopping = new AtomicBoolean();
    private final Runnable stop;
    private final IntConsumer halt;

    private StopSignals(Runnable stop, IntConsumer halt) {
        this.stop = stop;
        this.halt = halt;
    }

    /// For the start, of which nothing needs to be brought to an end. The JVM's own handling would run the hooks of
    /// what the start still puts together, and each would say how it fails.
    public static void endAtOnce() {
        for (String name : STOPPING) {
            Signal.handle(new Signal(name), signal -> Runtime.getRuntime().halt(SIGNALLED + signal.getNumber()));
        }
    }

    /// @param stop called once, on a thread of its own
    /// @param halt ends the process with an exit code
    static void install(Runnable stop, IntConsumer halt) {
        var signals = new StopSignals(stop, halt);
        for (String name : STOPPING) {
            Signal.handle(new Signal(name), signals::received);
        }
        Console console = System.console();
        boolean atTerminal = console != null && console.isTerminal();
        Signal.handle(new Signal("HUP"), atTerminal ? signals::received : StopSignals::ignored);
    }

    private static void ignored(Signal signal) {
        LOG.log(Logger.Level.INFO, "SIG{0} does nothing: changes of files are taken up without it", signal.getName());
    }

    private void received(Signal signal) {
        if (stopping.compareAndSet(false, true)) {
            stop.run();
        } else {
            halt.accept(SIGNALLED + signal.getNumber());
        }
    }
}
