package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// When the heap is collected as a whole, by a heap of which the test says what is in use and what is garbage.
class HeapGrowthTest {
    private static final long MEGABYTE = 1 << 20;
    private static final long MAX = 1024 * MEGABYTE;

    private final List<Boolean> collections = new ArrayList<>();
    private long live;
    private long garbage;

    private HeapGrowth heap(long max) {
        return new HeapGrowth(() -> live + garbage, max, giveBack -> {
            collections.add(giveBack);
            garbage = 0;
        });
    }

    /// A heap that has been collected, with so much in use.
    private HeapGrowth collected(long inUse, long max) {
        live = inUse * MEGABYTE;
        garbage = 3 * MEGABYTE;
        HeapGrowth heap = heap(max);
        heap.look(true);
        assertThat(collections).hasSize(1);
        collections.clear();
        return heap;
    }

    @ParameterizedTest(name = "{0} MB in use, {1} MB of heap")
    @CsvSource({
        "6, 1024, 16",
        "16, 1024, 16",
        "30, 1024, 30",
        "110, 1024, 64",
        // A quarter of what is left beside a copy, though never less than the least.
        "110, 420, 50",
        "110, 200, 16",
        "110, 120, 16",
        "110, 100, 16",
    })
    void aBusyHeapGrowsByAsMuchAsIsInUse(long inUse, long max, long allowed) {
        HeapGrowth heap = collected(inUse, max * MEGABYTE);
        garbage = allowed * MEGABYTE;
        heap.look(false);
        assertThat(collections).as("at %d MB", allowed).isEmpty();
        garbage++;
        heap.look(false);
        assertThat(collections).as("beyond").containsExactly(false);
        heap.look(false);
        assertThat(collections).as("once").hasSize(1);
    }

    @ParameterizedTest(name = "{0} MB in use")
    @CsvSource({"6, 2", "8, 2", "30, 7", "110, 27"})
    void lessGarbageIsCollectedWhereNobodyWaits(long inUse, long kept) {
        HeapGrowth heap = collected(inUse, MAX);
        garbage = kept * MEGABYTE;
        heap.look(true);
        assertThat(collections).isEmpty();
        garbage += MEGABYTE;
        heap.look(false);
        assertThat(collections).isEmpty();
        heap.look(true);
        assertThat(collections).containsExactly(true);
    }

    /// Collected while clients were connected, it is garbage when they are gone.
    @Test
    void whatAPeakHasLeftIsCollectedOnceNobodyWaits() {
        HeapGrowth heap = collected(10, MAX);
        live = 200 * MEGABYTE;
        heap.look(false);
        assertThat(collections).containsExactly(false);
        live = 10 * MEGABYTE;
        garbage = 190 * MEGABYTE;
        heap.look(true);
        heap.look(true);
        assertThat(collections).containsExactly(false, true);
    }

    /// The collector has collected it by itself.
    @Test
    void aHeapThatHasBecomeSmallerGrowsFromThere() {
        HeapGrowth heap = collected(100, MAX);
        live = 20 * MEGABYTE;
        heap.look(false);
        garbage = 21 * MEGABYTE;
        heap.look(false);
        assertThat(collections).containsExactly(false);
    }

    @ParameterizedTest(name = "{0} MB in use")
    @CsvSource({"6, true", "30, true", "110, false"})
    void whatAStartLeavesIsCollectedOnceNobodyWaits(long inUse, boolean expected) {
        live = inUse * MEGABYTE;
        HeapGrowth heap = heap(MAX);
        heap.look(false);
        collections.clear();
        heap.look(true);
        assertThat(collections).isEqualTo(expected ? List.of(true) : List.of());
        collections.clear();
        heap.look(true);
        assertThat(collections).isEmpty();
    }

    @ParameterizedTest(name = "{0} MB after the start")
    @CsvSource({"10, false", "16, false", "17, true", "300, true"})
    void whatALargeStartLeavesIsCollectedBeforeItServes(long used, boolean expected) {
        live = 5 * MEGABYTE;
        garbage = (used - 5) * MEGABYTE;
        heap(MAX).look(false);
        assertThat(collections).isEqualTo(expected ? List.of(true) : List.of());
    }

    @Test
    void aConfigurationThatGrowsOrShrinksMovesTheLimit() {
        HeapGrowth heap = collected(10, MAX);
        live = 60 * MEGABYTE;
        heap.look(false);
        assertThat(collections).containsExactly(false);
        garbage = 59 * MEGABYTE;
        heap.look(false);
        assertThat(collections).hasSize(1);
        live = 10 * MEGABYTE;
        garbage = 120 * MEGABYTE;
        heap.look(false);
        assertThat(collections).hasSize(2);
        garbage = 17 * MEGABYTE;
        heap.look(false);
        assertThat(collections).hasSize(3);
    }
}
