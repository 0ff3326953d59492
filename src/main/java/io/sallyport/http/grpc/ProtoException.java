package io.sallyport.http.grpc;

import java.io.Serial;

/// Bytes that are no message of Protocol Buffers. The text names the fault and quotes nothing of them.
public final class ProtoException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    ProtoException(String fault) {
        super(fault, null, false, false);
    }
}
