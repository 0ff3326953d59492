package io.sallyport.identity;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/// A credential, trust bundle or TLS setting that cannot be used. The message names the file or setting, what is wrong
/// with it and how to mend it; it never holds key material.
public final class CredentialException extends Exception {
    private static final long serialVersionUID = 1;

    private final String source;
    private final String problem;
    private final String remedy;

    /// @param source a file's path, or the name of a setting
    /// @param problem what is wrong, without a full stop
    /// @param remedy what to do about it, without a full stop
    public CredentialException(String source, String problem, String remedy) {
        this(source, problem, remedy, null);
    }

    public CredentialException(String source, String problem, String remedy, @Nullable Throwable cause) {
        super(source + ": " + problem + "; " + remedy, cause);
        this.source = source;
        this.problem = problem;
        this.remedy = remedy;
    }

    /// Whether it may be usable later as it is: a file could not be opened, for want of a permission or a descriptor.
    public boolean mayPass() {
        return getCause() instanceof IOException && !(getCause() instanceof NoSuchFileException);
    }

    public String source() {
        return source;
    }

    public String problem() {
        return problem;
    }

    public String remedy() {
        return remedy;
    }
}
