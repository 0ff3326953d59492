package io.sallyport.route;

/// A share of the requests, drawn for each on its own (Istio `Percent`), with Envoy's precision of a millionth.
///
/// @param millionths 0 for none to 1,000,000 for all
public record Fraction(int millionths) {
    private static final int ALL_MILLIONTHS = 1_000_000;

    public static final Fraction NONE = new Fraction(0);
    public static final Fraction ALL = new Fraction(ALL_MILLIONTHS);

    public Fraction {
        if (millionths < 0 || millionths > ALL_MILLIONTHS) {
            throw new IllegalArgumentException(millionths + " millionths are no fraction");
        }
    }

    /// @param percent 0 to 100
    public static Fraction ofPercent(double percent) {
        return new Fraction((int) Math.round(percent * (ALL_MILLIONTHS / 100)));
    }

    public boolean isNone() {
        return millionths == 0;
    }

    /// Whether a request is one of them.
    ///
    /// @param random any int, uniformly distributed
    public boolean includes(int random) {
        return Integer.toUnsignedLong(random) * ALL_MILLIONTHS >>> 32 < millionths;
    }
}
