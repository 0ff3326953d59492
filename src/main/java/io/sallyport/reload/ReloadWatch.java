package io.sallyport.reload;

/// Looks on while a configuration is read, compiled and brought into force. Told on the thread that does it.
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

    /// What was compiled is brought into force from now on.
    void applying();

    /// Whatever came of it.
    void ended();
}
