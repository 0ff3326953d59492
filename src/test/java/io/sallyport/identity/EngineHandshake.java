package io.sallyport.identity;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/// A handshake of two engines in memory, to its end or to the first failure of each side.
public final class EngineHandshake {
    private static final int MAX_STEPS = 200;

    private final Side client;
    private final Side server;

    private EngineHandshake(SSLEngine client, SSLEngine server) {
        this.client = new Side(client);
        this.server = new Side(server);
    }

    public static EngineHandshake run(SSLEngine client, SSLEngine server) {
        client.setUseClientMode(true);
        EngineHandshake handshake = new EngineHandshake(client, server);
        handshake.exchange();
        return handshake;
    }

    public boolean succeeded() {
        return client.failure == null && server.failure == null;
    }

    /// What the client's engine threw: its own refusal, or the server's alert.
    public SSLException clientFailure() {
        return client.failure;
    }

    public SSLSession serverSession() {
        return server.engine.getSession();
    }

    public SSLException serverFailure() {
        return server.failure;
    }

    private void exchange() {
        boolean progress = true;
        for (int step = 0; progress && step < MAX_STEPS; step++) {
            // Both are stepped, always: an alert must reach the other side.
            boolean a = client.step(server);
            boolean b = server.step(client);
            progress = a || b;
        }
    }

    private static final class Side {
        private final SSLEngine engine;
        private final ByteBuffer in = ByteBuffer.allocate(1 << 17).flip();
        private SSLException failure;

        Side(SSLEngine engine) {
            this.engine = engine;
        }

        boolean step(Side peer) {
            try {
                boolean wrapped = wrap(peer);
                return unwrap() || wrapped;
            } catch (SSLException e) {
                boolean first = failure == null;
                failure = first ? e : failure;
                return first;
            }
        }

        private boolean wrap(Side peer) throws SSLException {
            runTasks();
            if (engine.isOutboundDone() || engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
                return false;
            }
            ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), out);
            peer.in.compact().put(out.flip()).flip();
            return result.bytesProduced() > 0;
        }

        private boolean unwrap() throws SSLException {
            runTasks();
            // Also without input: BoringSSL's engine says only now why it has sent an alert.
            if (engine.isInboundDone()) {
                return false;
            }
            ByteBuffer plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
            SSLEngineResult result = engine.unwrap(in, plain);
            return result.getStatus() != Status.BUFFER_UNDERFLOW && result.bytesConsumed() > 0;
        }

        private void runTasks() {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
        }
    }
}
