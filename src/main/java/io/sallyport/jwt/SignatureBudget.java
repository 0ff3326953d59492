package io.sallyport.jwt;

/// How many signatures may still be verified for one request, whatever its tokens, the rules that find them and the
/// copies that mirrors get of it: it does not choose how much work it makes. A token that was verified before costs
/// nothing. On one thread.
public final class SignatureBudget {
    /// Two tokens that do not say which key has signed them, each tried with as many keys as one may be tried with.
    static final int MOST = 2 * KeySet.MOST_TRIES;

    private int left = MOST;

    /// @return whether one more may be verified
    boolean take() {
        return left > 0 && left-- > 0;
    }
}
