package io.sallyport.format;

import com.google.re2j.Pattern;
import java.util.List;

/// A part of an expression in the subset of CEL that is understood (Common Expression Language). Types were
/// checked when it was parsed. What an absent value takes part in is an error, as in CEL: neither true nor
/// false, unless the other side of `&&` or `||` decides.
public sealed interface Expression {
    /// Most are conditions.
    default Type type() {
        return Type.BOOL;
    }

    /// What it evaluates to.
    enum Type {
        BOOL("true or false"),
        NUMBER("a number"),
        STRING("a string");

        final String description;

        Type(String description) {
            this.description = description;
        }
    }

    /// @param value a [Boolean], [Long], [Double] or [String]
    record Constant(Type type, Object value) implements Expression {}

    /// @param place of the operator that stands for it, in [CelExpression#attributes()]
    record Attribute(Type type, int place) implements Expression {}

    /// `connection.mtls`.
    record VerifiedClient() implements Expression {}

    /// `has(attribute)`, and `'name' in request.headers`.
    record Has(Attribute attribute) implements Expression {}

    record Not(Expression operand) implements Expression {}

    record And(Expression left, Expression right) implements Expression {}

    record Or(Expression left, Expression right) implements Expression {}

    /// Both sides are of one type.
    record Comparison(Relation relation, Expression left, Expression right) implements Expression {}

    enum Relation {
        EQUAL,
        UNEQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL
    }

    /// `value in [a, b]`; all are of one type.
    record OneOf(Expression value, List<Expression> among) implements Expression {}

    /// Whether one string begins with another, ends with it or contains it.
    record TextTest(Place at, Expression text, Expression part) implements Expression {
        public enum Place {
            START,
            END,
            ANYWHERE
        }
    }

    /// `text.matches('pattern')`: the pattern is found somewhere in it.
    record Matches(Expression text, Pattern pattern) implements Expression {}

    /// `string(value)`.
    record Text(Expression of) implements Expression {
        @Override
        public Type type() {
            return Type.STRING;
        }
    }

    /// `condition ? then : otherwise`; both are of one type.
    record Choice(Expression condition, Expression then, Expression otherwise) implements Expression {
        @Override
        public Type type() {
            return then.type();
        }
    }

    /// `size(text)`, characters.
    record Size(Expression text) implements Expression {
        @Override
        public Type type() {
            return Type.NUMBER;
        }
    }
}
