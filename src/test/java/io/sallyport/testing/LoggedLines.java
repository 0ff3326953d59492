package io.sallyport.testing;

import java.text.MessageFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The messages that a class logs during a test.
public final class LoggedLines implements BeforeEachCallback, AfterEachCallback {
    private final Logger logger;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (isLoggable(line)) {
                Object[] parameters = line.getParameters();
                lines.add(parameters == null ? line.getMessage() : MessageFormat.format(line.getMessage(), parameters));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /// @param least level of what is kept
    public LoggedLines(String logger, Level least) {
        this.logger = Logger.getLogger(logger);
        handler.setLevel(least);
    }

    /// In their order; grows as they come.
    public List<String> all() {
        return lines;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        lines.clear();
        logger.addHandler(handler);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        logger.removeHandler(handler);
    }
}
