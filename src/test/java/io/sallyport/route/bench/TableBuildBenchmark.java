package io.sallyport.route.bench;

import io.sallyport.route.RouteTable;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Time to build a whole table, from records to indexes. A reload does this once.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TableBuildBenchmark {
    /// Hosts x routes of each.
    @Param({"10000x10", "100000x1", "1x10000", "1x100000"})
    public String shape;

    @Param({"exact", "prefix"})
    public String kind;

    @Benchmark
    public RouteTable build() {
        int by = shape.indexOf('x');
        return Tables.of(Integer.parseInt(shape.substring(0, by)), Integer.parseInt(shape.substring(by + 1)), kind);
    }
}
