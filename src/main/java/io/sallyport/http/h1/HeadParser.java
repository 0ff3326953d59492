package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.Headers;
import org.jspecify.annotations.Nullable;

/// Reads the heads of one connection's messages, in however many pieces they arrive: a first line, which is a request's
/// or a response's, then the field section. Reused from one head to the next.
abstract class HeadParser {
    final HeadBlock block = new HeadBlock();
    final MessageFields messageFields = new MessageFields();
    private final FieldParser fields;
    private final Headers.Store store = new Headers.Store();
    private boolean lineRead;
    /// Of the head that has begun; null between heads.
    private @Nullable Headers headers;

    HeadParser(FieldParser fields) {
        this.fields = fields;
    }

    /// A new head begins.
    abstract void beginLine();

    /// Reads what is there of the first line.
    ///
    /// @return true once the line was read; false if more must arrive
    abstract boolean readLine(ByteBuf in);

    /// Takes what it needs of the buffer.
    ///
    /// @return all fields of the head once it is complete, else null
    /// @throws MalformedMessage if the bytes so far cannot become a message to forward; the parser is of no use
    ///     then
    final @Nullable Headers readHead(ByteBuf in) {
        Headers into = headers == null ? begin() : headers;
        lineRead = lineRead || readLine(in);
        if (!lineRead || !fields.parse(block, in)) {
            return null;
        }
        block.finish(in);
        headers = null;
        return into;
    }

    private Headers begin() {
        Headers next = store.list();
        headers = next;
        lineRead = false;
        block.begin(next.block());
        fields.begin(next);
        beginLine();
        return next;
    }

    /// True between the first byte of a head and its last.
    final boolean isStarted() {
        return headers != null;
    }

    /// The fields so far of a head that is not complete, or null where none has begun.
    final @Nullable Headers partialHeaders() {
        return headers;
    }
}
