package io.sallyport.config.analysis;

import static io.sallyport.config.testing.ConfigurationText.document;
import static io.sallyport.config.testing.ConfigurationText.load;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.LoadResult;
import io.sallyport.config.problem.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigurationCheckTest {
    private static final String BOUND = document(
            "VirtualService",
            "a",
            "{hosts: [a.com], gateways: [edge], http: [{route: [{destination: {host: x.org}}]}]}");
    private static final String MISREAD = "apiVersion: networking.istio.io/v1\nkind: Gatway\nmetadata: {name: edge}";

    @Test
    void problemsOfReadingAndAcrossResourcesComeTogetherByPlace() {
        List<Problem> problems = check(load(BOUND, document("DestinationRule", "b", "{host: x.org, unknown: 1}")));

        assertThat(problems)
                .extracting(problem -> problem.code().id())
                .containsExactly("SAL3001", "SAL3010", "SAL3016", "SAL1101");
    }

    @Test
    void nothingIsCalledMissingWhileADocumentCouldNotBeRead() {
        assertThat(check(load(BOUND, MISREAD)))
                .extracting(problem -> problem.code().id())
                .containsExactly("SAL1024");
    }

    @Test
    void aPolicyThatIsRefusedHidesNoOtherProblem() {
        String policy =
                "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: p}\nspec: {jwtRules: [{}]}";

        assertThat(check(load(BOUND, policy)))
                .extracting(problem -> problem.code().id())
                .containsExactlyInAnyOrder("SAL3001", "SAL3010", "SAL2520");
    }

    private static List<Problem> check(LoadResult loaded) {
        return ConfigurationCheck.check(loaded, AnalysisOptions.defaults());
    }

    @Test
    void aPartThatCouldNotBeReadIsNotCalledMissing() {
        String half = document("ServiceEntry", "x", "{hosts: [x.org, 5: 6], resolution: NONE}");

        assertThat(check(load(BOUND, half)))
                .extracting(problem -> problem.code().id())
                .contains("SAL3001", "SAL1102")
                .doesNotContain("SAL3010");
    }

    @Test
    void aProblemStandsAtTheFieldItIsAbout() {
        List<Problem> problems = check(load("# a comment", BOUND));

        assertThat(problems)
                .extracting(problem -> problem.at().toString())
                .containsExactly("test.yaml:7:31", "test.yaml:7:75");
    }
}
