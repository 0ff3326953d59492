package io.sallyport.admin;

/// Begins the drain and takes it back.
public interface DrainSwitch {
    /// Begins, and returns at once. Does nothing where it has begun.
    void begin();

    /// Takes the drain back and waits until the listeners serve as before. Does nothing where nothing drains.
    ///
    /// @return false where the process is stopping: there is no way back
    boolean undo();
}
