package io.sallyport.config.model;

/// `StringMatch`: a condition on one string.
public sealed interface StringMatch {

    /// The whole string, with case.
    record Exact(String value) implements StringMatch {}

    /// The raw beginning of the string: `/v2` matches `/v2x`.
    record Prefix(String value) implements StringMatch {}

    /// RE2 syntax, on the whole string.
    record Regex(String value) implements StringMatch {}

    /// An empty match (`{}`): the string is there, whatever it is.
    record Present() implements StringMatch {}
}
