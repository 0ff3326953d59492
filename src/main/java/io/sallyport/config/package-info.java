/// From a directory of YAML files to validated records: [ConfigurationLoader] reads one generation of the directory and
/// says everything that is wrong with it at once; [io.sallyport.config.source.DirectoryWatcher] says when to read
/// again.
///
/// The rooms, in the order a file goes through them: `yaml` (text to a node tree with positions), `decode` (tree to the
/// records of `model`), `validation` (what Istio's own validation refuses), `analysis` (checks across resources).
/// Every one of them reports into `problem`.
@NullMarked
package io.sallyport.config;

import org.jspecify.annotations.NullMarked;
