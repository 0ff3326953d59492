package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test during which anything was logged with a stack trace, or a buffer was told to have leaked: whatever a
/// peer sends, it is no news to the one who reads the log.
public final class LogWatch implements BeforeEachCallback, AfterEachCallback {
    private final List<String> alarms = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            String message = String.valueOf(record.getMessage());
            if (record.getThrown() != null || message.contains("LEAK") || message.contains("exceptionCaught")) {
                alarms.add(record.getLoggerName() + ": " + message + " " + record.getThrown());
            }
        }

        @Override
        public void flush() {
            // Nothing is held back.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    };

    @Override
    public void beforeEach(ExtensionContext context) {
        alarms.clear();
        Logger.getLogger("").addHandler(handler);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Logger.getLogger("").removeHandler(handler);
        assertThat(alarms).isEmpty();
    }
}
