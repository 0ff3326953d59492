package io.sallyport.cluster;

import java.util.Arrays;

/// Where a cluster's counts stood when the time began over which [RetryBudget] compares them. Moved on by a timer, so
/// that requests need not look at a clock.
final class RetryWindow {
    /// Steps in which the window moves on.
    static final int PARTS = 5;

    /// Since the cluster began.
    ///
    /// @param requests without those that repeat another
    /// @param retries within the budget
    record Mark(long requests, long retries) {}

    private final Mark[] marks = new Mark[PARTS];
    private int next;
    private Mark newest = new Mark(0, 0);
    private volatile Mark from = newest;

    RetryWindow() {
        Arrays.fill(marks, newest);
    }

    Mark from() {
        return from;
    }

    /// On one thread at a time.
    void tick(long requests, long retries) {
        from = marks[next];
        if (newest.requests != requests || newest.retries != retries) {
            newest = new Mark(requests, retries);
        }
        marks[next] = newest;
        next = (next + 1) % PARTS;
    }
}
