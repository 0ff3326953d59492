package io.sallyport.config.yaml;

import io.sallyport.config.problem.ProblemReport;

/// One document of a file.
///
/// @param problems of the YAML below the document's own fields; to be reported only if its kind is read
public record YamlDocument(YamlNode.Mapping root, ProblemReport problems) {}
