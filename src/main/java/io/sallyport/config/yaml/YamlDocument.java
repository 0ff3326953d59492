package io.sallyport.config.yaml;

import io.sallyport.config.problem.ProblemReport;

/// One document of a file.
///
/// @param problems of the YAML below the document's own fields, which are nobody's business where the document is not
///     read
public record YamlDocument(YamlNode.Mapping root, ProblemReport problems) {}
