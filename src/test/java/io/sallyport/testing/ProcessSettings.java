package io.sallyport.testing;

import io.sallyport.tls.JdkTls;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/// Does before the first test what the program does before all else, and says how often tests look for what they await:
/// not only every 100 ms, which is Awaitility's default, for that is how long most of them would take.
public final class ProcessSettings implements LauncherSessionListener {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(10);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        JdkTls.prepare();
        Awaitility.setDefaultPollInterval(BETWEEN_LOOKS);
    }
}
