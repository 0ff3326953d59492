package io.sallyport.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The instructions of a Dockerfile, by stage.
///
/// @param arguments names of those before the first stage
record Dockerfile(Path file, List<String> arguments, List<Stage> stages) {
    private static final Pattern FLAGS = Pattern.compile("^(--\\S+\\s+)+");

    /// @param from the image
    /// @param name of `AS`, or empty
    record Stage(String from, String name, List<Instruction> instructions) {
        /// The arguments of all instructions of a kind, without flags.
        List<String> all(String keyword) {
            return instructions.stream()
                    .filter(instruction -> instruction.keyword().equals(keyword))
                    .map(instruction -> FLAGS.matcher(instruction.text()).replaceFirst(""))
                    .toList();
        }

        /// The last one of a kind is the one that holds.
        String last(String keyword) {
            return all(keyword).getLast();
        }
    }

    /// @param text with its flags, such as `--from=build`
    record Instruction(String keyword, String text) {}

    static Dockerfile read(Path file) throws IOException {
        var arguments = new ArrayList<String>();
        var stages = new ArrayList<Stage>();
        for (Instruction instruction : instructions(Files.readString(file))) {
            if (instruction.keyword().equals("FROM")) {
                String[] words = instruction.text().split("\\s+(?i:AS)\\s+");
                stages.add(new Stage(words[0], words.length > 1 ? words[1] : "", new ArrayList<>()));
            } else if (stages.isEmpty()) {
                arguments.add(instruction.text().replaceFirst("=.*", ""));
            } else {
                stages.getLast().instructions().add(instruction);
            }
        }
        return new Dockerfile(file, arguments, stages);
    }

    private static List<Instruction> instructions(String text) {
        String joined = text.replaceAll("(?m)^#.*\\n", "").replaceAll("\\\\\\n\\s*", " ");
        return joined.lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.split("\\s+", 2))
                .map(words -> new Instruction(words[0], words[1].strip()))
                .toList();
    }

    Stage last() {
        return stages.getLast();
    }
}
