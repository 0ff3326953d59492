package io.sallyport.telemetry;

/// The upper bounds of a histogram's buckets, rising, without the infinite one.
public final class BucketBounds {
    private final double[] bounds;
    /// As values of the label `le`.
    private final byte[][] texts;

    BucketBounds(double[] bounds) {
        this.bounds = bounds.clone();
        texts = new byte[bounds.length][];
        for (int i = 0; i < bounds.length; i++) {
            texts[i] = MetricText.bound(bounds[i]);
        }
    }

    public int size() {
        return bounds.length;
    }

    public double get(int bucket) {
        return bounds[bucket];
    }

    byte[] text(int bucket) {
        return texts[bucket];
    }
}
