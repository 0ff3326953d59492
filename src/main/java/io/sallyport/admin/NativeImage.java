package io.sallyport.admin;

/// Whether this is a native executable. Known when it is built, so that what only a JVM has is left out of it.
public final class NativeImage {
    public static final boolean IS_RUNNING = System.getProperty("org.graalvm.nativeimage.imagecode") != null;

    private NativeImage() {}
}
