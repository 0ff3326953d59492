package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ResourceStateTest {
    private static ResourceState leftOut(String namespace, String name) {
        return new ResourceState(
                "VirtualService",
                namespace,
                name,
                "a.yaml",
                1,
                ResourceState.State.LEFT_OUT,
                Instant.EPOCH,
                "because",
                0,
                false);
    }

    /// These are lines of the log.
    @Test
    void wordsAreOnOneLine() {
        assertThat(leftOut("a", "b").words()).isEqualTo("VirtualService a/b is left out: because");
        assertThat(leftOut("a\r", "b\nINFO forged \u001b[2J").words())
                .isEqualTo("VirtualService a?/b?INFO forged ?[2J is left out: because");
        assertThat(leftOut("", "n".repeat(200_000)).words())
                .isEqualTo("VirtualService " + "n".repeat(253) + "... is left out: because");
    }

    @Test
    void whatTellsResourcesApartIsAsWritten() {
        assertThat(leftOut("a", "b\n").id()).isEqualTo("VirtualService a/b\n");
    }
}
