package io.sallyport.cli;

import io.netty.channel.epoll.Epoll;
import io.netty.handler.ssl.OpenSsl;
import io.sallyport.admin.NativeImage;
import org.jspecify.annotations.Nullable;

/// Loads the libraries of epoll and BoringSSL while the program reads its settings: to unpack and to link them takes an
/// eighth of a native executable's start. A JVM is busy with its classes on all processors anyway.
public final class NativeLibraries {
    private static @Nullable Thread loading;

    private NativeLibraries() {}

    /// Starts to load them on a thread of its own. Whoever needs one that cannot be loaded reports it.
    public static void load() {
        if (NativeImage.IS_RUNNING) {
            // Quarkus sets it, too, but where many settings are read that is after BoringSSL's first buffer: chunks
            // would have 4 MiB instead of 64 KiB.
            System.setProperty("io.netty.allocator.maxOrder", "3");
            loading = Thread.ofPlatform().daemon().name("sallyport-libraries").start(() -> {
                Epoll.isAvailable();
                OpenSsl.isAvailable();
            });
        }
    }

    /// Before anything else may initialise classes that belong to them: two threads could wait for each other (JVMS
    /// 5.5). Vert.x comes earlier, but by way of the class that the loading begins with, too.
    static void await() {
        if (loading != null) {
            Serving.await(loading);
        }
    }
}
