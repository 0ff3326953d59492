package io.sallyport.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.google.re2j.Pattern;
import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.sallyport.admin.HealthServer;
import io.sallyport.admin.NativeImage;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.SecureRandom;
import java.util.List;
import java.util.jar.JarFile;

/// Loads what requests, probes and reloads may need only later. A class whose first use fails for want of a descriptor,
/// to open its jar or a file that its initialiser reads, stays broken for as long as the process lives (JVMS 5.4.3 and
/// 5.5).
final class PathClasses {
    private static final Logger LOG = System.getLogger(PathClasses.class.getName());
    private static final String OWN = "io/sallyport/";
    private static final String DEMO = OWN + "demo/";
    private static final String SUFFIX = ".class";

    private PathClasses() {}

    /// Starts a thread that loads them; readiness must wait for its end.
    ///
    /// To be called when the runtime has been created: by then every class that is initialised together with a
    /// subclass of its own is ready, so that this thread and another cannot wait for each other (JVMS 5.5).
    ///
    /// @param healthPort of this process, which is bound
    static Thread load(int healthPort) {
        return Thread.ofPlatform().daemon().name("sallyport-classes").start(() -> run(healthPort));
    }

    private static void run(int healthPort) {
        // Its generator opens the system's source of random numbers.
        new SecureRandom().nextInt();
        // A native executable contains all classes.
        if (NativeImage.IS_RUNNING) {
            return;
        }
        LOG.log(
                Level.DEBUG,
                "of {0} libraries there is a class by now",
                ofLibraries().size());
        CodeSource source = PathClasses.class.getProtectionDomain().getCodeSource();
        Path jar = source == null || source.getLocation() == null
                ? null
                : Path.of(URI.create(source.getLocation().toString()));
        if (jar != null && Files.isRegularFile(jar)) {
            initialise(jar);
        }
        HealthServer.rehearse(healthPort);
    }

    /// One class of each library that the path uses: its jar stays open once it is loaded.
    private static List<Class<?>> ofLibraries() {
        return List.of(
                ByteBuf.class,
                EventExecutor.class,
                ByteToMessageDecoder.class,
                EpollSocketChannel.class,
                DomainSocketAddress.class,
                DnsNameResolver.class,
                DnsRecord.class,
                SslHandler.class,
                SSL.class,
                Http2Connection.class,
                Pattern.class,
                JsonObject.class,
                JsonFactory.class);
    }

    private static void initialise(Path jar) {
        int count = 0;
        try (JarFile classes = new JarFile(jar.toFile())) {
            List<String> names = classes.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith(OWN) && name.endsWith(SUFFIX) && !name.startsWith(DEMO))
                    .map(name ->
                            name.substring(0, name.length() - SUFFIX.length()).replace('/', '.'))
                    .toList();
            for (String name : names) {
                count += initialise(name) ? 1 : 0;
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the classes in {0} cannot be listed: {1}", jar, e);
        }
        LOG.log(Level.DEBUG, "{0} classes are loaded", count);
    }

    private static boolean initialise(String name) {
        try {
            Class.forName(name, true, PathClasses.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            // Some are used only when the native executable is built.
            LOG.log(Level.DEBUG, "{0} is not loaded: {1}", name, e);
            return false;
        }
    }
}
