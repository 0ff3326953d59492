package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeldMemoryTest {
    @Test
    void anEighthOfTheHeapMayWait() {
        long most = Runtime.getRuntime().maxMemory() / 8;
        HeldMemory memory = new HeldMemory();

        assertThat(memory.add(most - 10)).isTrue();
        assertThat(memory.add(10)).isTrue();
        assertThat(memory.add(1)).isFalse();
        assertThat(memory.add(-1)).isTrue();
        assertThat(memory.add(1)).isFalse();
    }
}
