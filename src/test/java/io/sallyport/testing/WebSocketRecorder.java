package io.sallyport.testing;

import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Keeps what a client's WebSocket receives, message by message.
public final class WebSocketRecorder implements WebSocket.Listener {
    private static final int PATIENCE_SECONDS = 20;

    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
    private final BlockingQueue<Object> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            messages.add(text.toString());
            text.setLength(0);
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        binary.writeBytes(bytes);
        if (last) {
            messages.add(binary.toByteArray());
            binary.reset();
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
        closed.complete(status);
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        messages.add(error);
        closed.completeExceptionally(error);
    }

    /// The next message, a String or a byte array; waits for it.
    public Object message() throws InterruptedException {
        Object message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message instanceof Throwable error) {
            throw new AssertionError(error);
        }
        return message;
    }

    /// The status of the closing frame; waits for it.
    public int closeStatus() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
