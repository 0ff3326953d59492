package io.sallyport.reload;

import io.sallyport.config.FileResources;
import io.sallyport.config.FileResources.Item;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.reload.ResourceState.State;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which version of one resource counts: the one in its file, then the one that was served last, then none. It only
/// ever goes on in this order.
final class Choice {
    private final FileResources file;
    private final Item written;
    private final @Nullable ServedVersion last;
    private final List<Problem> faults;
    private State state = State.SERVED;
    /// Where what counts is from.
    private FileResources source;
    private @Nullable Item item;
    private @Nullable Problem because;

    /// @param written as the file has it
    /// @param last null where it was not served
    /// @param faults the errors that it has by itself
    Choice(FileResources file, Item written, @Nullable ServedVersion last, List<Problem> faults) {
        this.file = file;
        this.written = written;
        this.last = last;
        this.faults = faults;
        this.source = file;
        this.item = written;
    }

    /// Of a resource whose file cannot be read any more.
    static Choice held(ServedVersion last, Problem because) {
        Choice choice = new Choice(last.file(), last.item(), last, List.of());
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
        return version.file() == file || written.saysTheSame(version.item());
    }

    String id() {
        return written.id();
    }

    /// Whether it is about that very one of its file.
    @SuppressWarnings("ReferenceEquality") // Another file may define it once more in the same words.
    boolean isOf(Item item) {
        return written == item;
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

    /// The same, left out, whose file nobody can read any more.
    Choice stillLeftOut(Problem reason) {
        Choice still = new Choice(file, written, null, faults);
        still.leaveOut(reason);
        return still;
    }

    /// Whether what the file says of a field, such as `spec.hosts`, is certain: there is no error in it or
    /// around it, and no field that is meant for it.
    boolean isReadable(String field) {
        return faults.stream().noneMatch(fault -> touches(fieldOf(fault), field) || means(fault, field));
    }

    /// Whether it is about the name of a field that was meant to be this one.
    boolean means(Problem fault, String field) {
        int parent = field.lastIndexOf('.');
        String wrong = fieldOf(fault);
        return fault.code() == ProblemCode.UNKNOWN_FIELD
                && wrong.lastIndexOf('.') == parent
                && wrong.startsWith(field.substring(0, parent))
                && fault.hint() != null
                && fault.hint().contains('"' + field.substring(parent + 1) + '"');
    }

    /// Whether a field of that object has a name that is none, which may be meant for one that is absent.
    boolean hasUnknownField(String object) {
        return faults.stream()
                .filter(fault -> fault.code() == ProblemCode.UNKNOWN_FIELD)
                .map(this::fieldOf)
                .anyMatch(field -> field.lastIndexOf('.') == object.length() && field.startsWith(object));
    }

    /// What is wrong with `spec` as a whole is what it lacks; one that is no object has not been read at all.
    private static boolean touches(String wrong, String field) {
        return wrong.isEmpty() || isWithin(wrong, field) || (isWithin(field, wrong) && !wrong.equals("spec"));
    }

    private static boolean isWithin(String inner, String outer) {
        return inner.startsWith(outer)
                && (inner.length() == outer.length() || ".[".indexOf(inner.charAt(outer.length())) >= 0);
    }

    /// From the resource's root; empty where the error may be about anything.
    String fieldOf(Problem fault) {
        String path = written.path();
        return path.isEmpty() || !fault.field().startsWith(path + ".")
                ? fault.field()
                : fault.field().substring(path.length() + 1);
    }

    List<Problem> faults() {
        return faults;
    }

    /// Where a field stands in the file.
    Position placeOf(String field) {
        return file.position(written.meta().at(), field);
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
