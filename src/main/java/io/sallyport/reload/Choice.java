package io.sallyport.reload;

import io.sallyport.config.FileResources;
import io.sallyport.config.FileResources.Item;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.problem.Problem;
import io.sallyport.reload.ResourceState.State;
import org.jspecify.annotations.Nullable;

/// Which version of one resource counts: the one in its file, then the one that was served last, then none. It only
/// ever goes on in this order.
final class Choice {
    private final FileResources file;
    private final Item written;
    private final @Nullable ServedVersion last;
    private State state = State.SERVED;
    /// Where what counts is from.
    private FileResources source;
    private @Nullable Item item;
    private @Nullable Problem because;

    /// @param written as the file has it
    /// @param last null where it was not served
    Choice(FileResources file, Item written, @Nullable ServedVersion last) {
        this.file = file;
        this.written = written;
        this.last = last;
        this.source = file;
        this.item = written;
    }

    /// Of a resource whose file cannot be read any more.
    static Choice held(ServedVersion last, Problem because) {
        Choice choice = new Choice(last.file(), last.item(), last);
        choice.because = because;
        choice.hold(last);
        return choice;
    }

    /// Goes on to the next version.
    void demote(Problem reason) {
        because = reason;
        if (last != null && hasAlternative()) {
            hold(last);
        } else {
            leaveOut(reason);
        }
    }

    void leaveOut(Problem reason) {
        because = reason;
        state = State.LEFT_OUT;
        item = null;
    }

    private void hold(ServedVersion version) {
        source = version.marked();
        item = source.item(written.id());
        state = item == null ? State.LEFT_OUT : State.HELD;
    }

    /// Whether it is another version that was served last.
    boolean hasAlternative() {
        return state == State.SERVED && last != null && !isUnchanged(last);
    }

    /// Whether what counts is what was served last.
    boolean isAsServed() {
        return state == State.HELD || (state == State.SERVED && last != null && isUnchanged(last));
    }

    /// One with a field too many may be equal to what was served, and is not the same for all that.
    private boolean isUnchanged(ServedVersion version) {
        return version.file() == file
                || (written.sound()
                        && written.resource() != null
                        && written.resource().equals(version.item().resource()));
    }

    String id() {
        return written.id();
    }

    ResourceMeta meta() {
        return written.meta();
    }

    ResourceKind kind() {
        return written.meta().kind();
    }

    State state() {
        return state;
    }

    boolean isLeftOut() {
        return state == State.LEFT_OUT;
    }

    @Nullable
    Problem because() {
        return because;
    }

    /// As the file has it.
    Item written() {
        return written;
    }

    FileResources file() {
        return file;
    }

    @Nullable
    ServedVersion last() {
        return last;
    }

    /// The file that what counts is from.
    FileResources source() {
        return source;
    }

    /// What counts; null where it is left out.
    @Nullable
    Resource resource() {
        return item == null ? null : item.resource();
    }
}
