package io.sallyport.reload;

/// Observes the phases of a reload. Called on the thread that reloads.
public interface ReloadWatch {
    ReloadWatch NONE = new ReloadWatch() {
        @Override
        public void compiling() {}

        @Override
        public void applying() {}

        @Override
        public void ended() {}
    };

    /// Reading begins.
    void compiling();

    /// The compiled configuration is being applied from now on.
    void applying();

    /// The reload has ended, whatever its outcome.
    void ended();
}
