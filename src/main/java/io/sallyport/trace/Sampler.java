package io.sallyport.trace;

/// Decides which requests are sampled.
///
/// @param percent of the requests about which nobody has decided, 0 to 100
/// @param asksCaller what the caller has decided is respected
public record Sampler(double percent, boolean asksCaller) {
    /// Of a gateway that is given a collector, and nothing else.
    public static final Sampler DEFAULT = new Sampler(1, true);

    private static final double RANGE = 0x1p63;

    public Sampler withPercent(double other) {
        return new Sampler(other, asksCaller);
    }

    /// The same for one trace id in every process with the same share.
    ///
    /// @param low half of the trace's id
    boolean samples(long low) {
        return percent >= 100 || (low >>> 1) < percent / 100 * RANGE;
    }
}
