package io.sallyport.format;

/// An expression in CEL, parsed.
///
/// @param source as it was written
/// @param attributes the operators that stand for its attributes, one piece each
public record CelExpression(String source, Expression root, ParsedFormat attributes) {
    /// @throws FormatException with the column, where it is not in the subset, or is neither true nor false
    public static CelExpression condition(String source) throws FormatException {
        CelExpression parsed = CelParser.parse(source);
        if (parsed.root.type() != Expression.Type.BOOL) {
            throw FormatException.at(
                    0, "the expression is " + parsed.root.type().description + ", where a condition is needed");
        }
        return parsed;
    }

    /// An expression of any type.
    ///
    /// @throws FormatException with the column, where it is not in the subset
    public static CelExpression value(String source) throws FormatException {
        return CelParser.parse(source);
    }

    /// The operator that stands for an attribute.
    public Command command(Expression.Attribute attribute) {
        return ((ParsedFormat.Value) attributes.pieces().get(attribute.place())).command();
    }
}
