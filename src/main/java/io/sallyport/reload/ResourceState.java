package io.sallyport.reload;

import io.sallyport.config.model.ResourceMeta;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What has become of one resource of the configuration.
///
/// @param kind as in the file; `File` for a file of which nobody can say what it holds
/// @param file where it is written, or was when it was last served
/// @param line from 1; 0 for a whole file
/// @param since when it is in that state
/// @param because what is wrong with it; null where it is served
/// @param generation that served its version first; 0 where it is left out
/// @param restored whether it was a process before this one that served its version
public record ResourceState(
        String kind,
        String namespace,
        String name,
        String file,
        int line,
        State state,
        Instant since,
        @Nullable String because,
        long generation,
        boolean restored) {

    /// Which version of a resource counts.
    public enum State {
        /// The one that is in its file.
        SERVED,
        /// The one that was served last, because of errors.
        HELD,
        /// None.
        LEFT_OUT;

        /// As metrics and the admin API have it, `left-out`.
        public String label() {
            return words().replace(' ', '-');
        }

        /// For messages, `left out`.
        public String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /// What has become of one that is held or left out, and why.
    public String words() {
        String what = state == State.HELD
                ? " is held at its version of generation " + generation + (restored ? " before the restart" : "")
                : " is left out";
        return shown() + what + ": " + because;
    }

    /// For messages, `VirtualService default/payments`, as [ResourceMeta#shown].
    public String shown() {
        return ResourceMeta.shown(kind, namespace, name);
    }

    /// What tells one fault from another.
    String key() {
        return id() + ' ' + state + ' ' + file + ' ' + generation;
    }

    ResourceState since(Instant earlier) {
        return new ResourceState(kind, namespace, name, file, line, state, earlier, because, generation, restored);
    }

    /// What tells the resource from others, `VirtualService default/payments` as it is written.
    public String id() {
        return namespace.isEmpty() ? kind + " " + name : kind + " " + namespace + "/" + name;
    }
}
