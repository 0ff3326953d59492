package io.sallyport.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// Records which classes of one package call each other while something runs: its classes are loaded once more, with a
/// call to [#enter] at the beginning of every method and constructor. Nested classes and lambdas count as their
/// outermost class.
public final class CallTrail {
    private static final String PACKAGE = "io.sallyport.proxy.";
    private static final StackWalker STACK = StackWalker.getInstance();
    private static final List<CallTrail> REQUESTS = new CopyOnWriteArrayList<>();

    private final Set<String> classes = new LinkedHashSet<>();
    private final List<String> hops = new ArrayList<>();

    private CallTrail() {}

    /// One trail for each request, in order. A trail ends where the next request of the event loop begins.
    static List<CallTrail> requests() {
        return REQUESTS;
    }

    /// The classes that were entered, in the order of their first calls.
    Set<String> classes() {
        return classes;
    }

    /// Every call from one class of the package to another, in order: `Exchange > Forwarding.attempt`.
    List<String> hops() {
        return hops;
    }

    /// Called by the instrumented methods.
    public static void enter() {
        List<StackWalker.StackFrame> frames =
                STACK.walk(stack -> stack.skip(1).limit(2).toList());
        StackWalker.StackFrame entered = frames.getFirst();
        if (entered.getMethodName().equals("onRequest")) {
            REQUESTS.add(new CallTrail());
        }
        if (!REQUESTS.isEmpty()) {
            String caller = frames.size() < 2 ? "" : frames.getLast().getClassName();
            REQUESTS.getLast().add(caller, outermost(entered.getClassName()), entered.getMethodName());
        }
    }

    private void add(String caller, String callee, String method) {
        classes.add(callee);
        if (caller.startsWith(PACKAGE) && !outermost(caller).equals(callee)) {
            hops.add(outermost(caller) + " > " + callee + "." + method);
        }
    }

    private static String outermost(String name) {
        String simple = name.substring(name.lastIndexOf('.') + 1);
        int nested = simple.indexOf('$');
        return nested < 0 ? simple : simple.substring(0, nested);
    }

    /// A loader that has the product and its test classes of its own, and the package's instrumented.
    static ClassLoader loader() {
        return new ClassLoader(CallTrail.class.getClassLoader()) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                if (!name.startsWith("io.sallyport.") || name.equals(CallTrail.class.getName())) {
                    return super.loadClass(name, resolve);
                }
                synchronized (getClassLoadingLock(name)) {
                    Class<?> loaded = findLoadedClass(name);
                    return loaded == null ? define(name) : loaded;
                }
            }

            private Class<?> define(String name) throws ClassNotFoundException {
                try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                    if (in == null) {
                        throw new ClassNotFoundException(name);
                    }
                    byte[] bytes = in.readAllBytes();
                    byte[] defined = name.startsWith(PACKAGE) ? instrumented(bytes) : bytes;
                    return defineClass(name, defined, 0, defined.length);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    private static byte[] instrumented(byte[] bytes) {
        ClassFile classFile = ClassFile.of();
        CodeTransform entry = CodeTransform.ofStateful(() -> new CodeTransform() {
            private boolean entered;

            @Override
            public void accept(CodeBuilder code, CodeElement element) {
                if (!entered) {
                    entered = true;
                    code.invokestatic(
                            ClassDesc.of(CallTrail.class.getName()), "enter", MethodTypeDesc.of(ConstantDescs.CD_void));
                }
                code.with(element);
            }
        });
        return classFile.transformClass(
                classFile.parse(bytes),
                ClassTransform.transformingMethodBodies(
                        method -> !method.methodName().equalsString(ConstantDescs.CLASS_INIT_NAME), entry));
    }
}
