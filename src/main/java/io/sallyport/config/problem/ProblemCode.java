package io.sallyport.config.problem;

/// A kind of problem with its stable identifier: `SAL10xx` YAML and shape, `SAL11xx` decoding, `SAL2xxx` one resource,
/// `SAL3xxx` across resources, `SAL4xxx` certificates. Enums implement it, one for each range.
public interface ProblemCode {
    /// `SAL` and four digits; never reused for another meaning.
    String id();

    /// The severity of its problems unless one says otherwise.
    Severity severity();

    /// A few words, for tables.
    String title();

    /// What it means and how to mend it, for the reference.
    String doc();
}
