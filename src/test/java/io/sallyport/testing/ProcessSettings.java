package io.sallyport.testing;

import io.sallyport.tls.JdkTls;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/// Does before the first test what the program does before all else.
public final class ProcessSettings implements LauncherSessionListener {
    @Override
    public void launcherSessionOpened(LauncherSession session) {
        JdkTls.prepare();
    }
}
