package io.sallyport.runtime.settings;

import java.util.List;
import java.util.stream.Collectors;

/// The settings cannot be used; says every reason at once.
public final class SettingsException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<SettingProblem> problems;

    SettingsException(List<SettingProblem> problems) {
        super(problems.stream().map(SettingProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<SettingProblem> problems() {
        return problems;
    }
}
