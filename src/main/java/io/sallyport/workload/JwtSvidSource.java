package io.sallyport.workload;

import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.call.UnaryCall;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.http.grpc.ProtoException;
import io.sallyport.http.grpc.ProtoReader;
import io.sallyport.http.grpc.ProtoWriter;
import io.sallyport.jwt.JwtSvid;
import io.sallyport.jwt.TokenException;
import io.sallyport.route.HeaderCredential;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The gateway's JWT-SVID for one audience, from a Workload API (`FetchJWTSVID`): fetched once it is wanted, and
/// again at half of what is left of its life; after failures again and again, while the last one is used until
/// it expires. It is a secret: no message holds it.
final class JwtSvidSource implements HeaderCredential {
    private static final Logger LOG = Logger.getLogger(JwtSvidSource.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MOST_BYTES = 256 * 1024;

    /// It is not used in the last seconds of its life: it has to arrive, and clocks differ.
    private static final long MARGIN_SECONDS = 5;

    /// Bounds of the time until the next one is asked for.
    private static final long SOONEST_SECONDS = 1;

    private static final long LATEST_SECONDS = Duration.ofDays(1).toSeconds();

    /// Of the year 9999.
    private static final long LAST_SECOND = 253_402_300_799L;

    private record Held(JwtSvid svid, AsciiString text) {}

    private final String audience;
    private final @Nullable String hint;
    private final List<String> trustDomains;
    private final Clock clock;
    private final Backoff backoff;
    private final CompletableFuture<Void> answered = new CompletableFuture<>();
    private volatile @Nullable Held held;
    private volatile boolean stopped;
    // Of the event loop.
    private @Nullable Agent agent;
    private String failure = "";

    JwtSvidSource(String audience, @Nullable String hint, List<String> trustDomains, Clock clock, Backoff backoff) {
        this.audience = audience;
        this.hint = hint;
        this.trustDomains = trustDomains;
        this.clock = clock;
        this.backoff = backoff;
    }

    @Override
    public @Nullable AsciiString value() {
        Held now = held;
        return now != null && clock.millis() / 1000 < now.svid.expires() - MARGIN_SECONDS ? now.text : null;
    }

    @Override
    public String description() {
        return description(audience);
    }

    static String description(String audience) {
        return "JWT-SVID for " + audience;
    }

    /// Until when it is valid; null where there is none.
    @Nullable
    Instant end() {
        Held now = held;
        return now == null ? null : Instant.ofEpochSecond(Math.min(now.svid.expires(), LAST_SECOND));
    }

    /// Begins to fetch it; once it has begun, it goes on until [#stop].
    ///
    /// @return done with the first answer, or the first failure
    CompletableFuture<Void> start(Agent by) {
        by.loop().eventLoop().execute(() -> {
            if (agent == null) {
                agent = by;
                fetch();
            }
        });
        return answered;
    }

    /// It is wanted no more, but by requests that are under way.
    void stop() {
        stopped = true;
    }

    // On the event loop, but where it says otherwise.

    private void fetch() {
        Agent asked = agent;
        if (stopped || asked == null) {
            return;
        }
        byte[] request = new ProtoWriter().text(1, audience).toBytes();
        UnaryCall call = new UnaryCall(
                asked.loop(),
                asked.cluster(),
                AgentStream.question("FetchJWTSVID"),
                Unpooled.wrappedBuffer(request),
                TIMEOUT,
                MOST_BYTES,
                new Answer(asked));
        call.start();
    }

    private final class Answer implements UnaryCall.Callback {
        private final Agent from;

        Answer(Agent from) {
            this.from = from;
        }

        @Override
        public void onAnswer(byte[] message) {
            Thread.ofVirtual().name("sallyport-jwt-svid").start(() -> {
                try {
                    JwtSvid svid = read(message);
                    from.loop().eventLoop().execute(() -> received(svid, from));
                } catch (UnusableSvidException unusable) {
                    from.loop().eventLoop().execute(() -> failed(String.valueOf(unusable.getMessage()), from));
                }
            });
        }

        @Override
        public void onFailure(GrpcResult result) {
            if (AgentStream.isRefusal(result)) {
                held = null;
            }
            failed(result.toString(), from);
        }
    }

    private void received(JwtSvid svid, Agent from) {
        if (stopped) {
            return;
        }
        held = new Held(svid, new AsciiString(svid.text()));
        if (!failure.isEmpty()) {
            LOG.infof("%s gives a %s again", from.service(), description());
            failure = "";
        }
        backoff.reset();
        long half = (svid.expires() - MARGIN_SECONDS - clock.millis() / 1000) / 2;
        again(Duration.ofSeconds(Math.clamp(half, SOONEST_SECONDS, LATEST_SECONDS)), from);
    }

    private void failed(String reason, Agent from) {
        if (!reason.equals(failure)) {
            String then =
                    value() == null ? "; requests that want it are answered 503" : "; the one before it is used on";
            LOG.warnf("%s gives no %s: %s%s", from.service(), description(), reason, then);
            failure = reason;
        }
        again(backoff.next(), from);
    }

    private void again(Duration pause, Agent from) {
        answered.complete(null);
        if (!stopped) {
            from.loop().eventLoop().schedule(this::fetch, pause.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    // Not on the event loop.

    private static final class UnusableSvidException extends Exception {
        private static final long serialVersionUID = 1;

        UnusableSvidException(String problem) {
            super(problem, null, false, false);
        }
    }

    private JwtSvid read(byte[] message) throws UnusableSvidException {
        JwtSvid svid;
        try {
            svid = chosen(new ProtoReader(message));
        } catch (ProtoException | TokenException unusable) {
            throw new UnusableSvidException("its answer cannot be used: " + unusable.getMessage());
        }
        if (!trustDomains.contains(svid.trustDomain())) {
            throw new UnusableSvidException(
                    "it is of trust domain " + svid.trustDomain() + ", not of " + String.join(", ", trustDomains));
        }
        if (clock.millis() / 1000 >= svid.expires() - MARGIN_SECONDS) {
            throw new UnusableSvidException("it has expired");
        }
        return svid;
    }

    /// Of the JWT-SVIDs of `JWTSVIDResponse` the one with the hint, or the first.
    private JwtSvid chosen(ProtoReader answer) throws ProtoException, TokenException, UnusableSvidException {
        while (answer.next()) {
            if (answer.field() == 1) {
                String id = "";
                String svid = "";
                String its = "";
                ProtoReader each = answer.message();
                while (each.next()) {
                    switch (each.field()) {
                        case 1 -> id = each.text();
                        case 2 -> svid = each.text();
                        case 3 -> its = each.text();
                        default -> {}
                    }
                }
                if (hint == null || its.equals(hint)) {
                    JwtSvid parsed = JwtSvid.parse(svid, audience);
                    if (!parsed.subject().equals(id)) {
                        throw new UnusableSvidException("it is of another SPIFFE ID than the answer says");
                    }
                    return parsed;
                }
            }
        }
        throw new UnusableSvidException(
                hint == null ? "its answer holds none" : "none of its answer has the hint \"" + hint + '"');
    }
}
