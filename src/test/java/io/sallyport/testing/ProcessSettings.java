package io.sallyport.testing;

import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.tls.JdkTls;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/// Does before the first test what the program does before all else, and says how often tests look for what they await:
/// not only every 100 ms, which is Awaitility's default, for that is how long most of them would take.
public final class ProcessSettings implements LauncherSessionListener {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(10);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        JdkTls.prepare();
        Awaitility.setDefaultPollInterval(BETWEEN_LOOKS);
        session.getLauncher().registerTestExecutionListeners(new ForgettingThreads());
    }

    /// The thread of the tests is an event loop in some: what it has begun there, such as the time of a request's
    /// regular expressions, does not go on in the next class.
    private static final class ForgettingThreads implements TestExecutionListener {
        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isContainer()) {
                FastThreadLocal.removeAll();
            }
        }
    }
}
