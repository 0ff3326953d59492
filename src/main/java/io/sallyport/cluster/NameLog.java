package io.sallyport.cluster;

import io.sallyport.net.AddressRefusal;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Logs once when a configured name can no longer be looked up, and once when it can again. Names from requests are not
/// logged: clients must not be able to fill the log.
final class NameLog {
    private static final Logger LOG = Logger.getLogger(NameLog.class);

    private enum State {
        RESOLVED,
        ABSENT,
        FAILING,
        REFUSED
    }

    static final String UNREACHABLE = "requests to it are answered 503 UH";

    private final String cluster;
    private final String name;
    private @Nullable State state;
    private @Nullable AddressRefusal refusal;

    NameLog(String cluster, String name) {
        this.cluster = cluster;
        this.name = name;
    }

    void resolved(List<?> addresses) {
        resolved(addresses, UNREACHABLE);
    }

    /// @param consequence what follows where there is no address
    void resolved(List<?> addresses, String consequence) {
        State before = state;
        refusal = null;
        state = addresses.isEmpty() ? State.ABSENT : State.RESOLVED;
        if (state == State.ABSENT && before != State.ABSENT) {
            LOG.warnf("%s: the name %s has no address; %s", cluster, name, consequence);
        } else if (state == State.RESOLVED && before != null && before != State.RESOLVED) {
            LOG.infof("%s: the name %s is resolved again", cluster, name);
        }
    }

    /// Each refusal once: another address, or the same after a good one, is news.
    void refused(AddressRefusal news) {
        state = State.REFUSED;
        if (!news.equals(refusal)) {
            LOG.warnf(
                    "%s: the name %s has the guarded address %s (%s); none of its addresses is used, and requests to it are"
                            + " answered 403. To allow it, %s",
                    cluster, name, news.address(), news.reason(), AddressRefusal.REMEDY);
        }
        refusal = news;
    }

    void failed(String reason) {
        if (state != State.FAILING && state != State.REFUSED) {
            LOG.warnf("%s: the name %s cannot be looked up (%s); known addresses stay in use", cluster, name, reason);
        }
        state = state == State.REFUSED ? state : State.FAILING;
    }
}
