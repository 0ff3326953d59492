package io.sallyport.operators;

import io.sallyport.format.CelExpression;
import io.sallyport.format.Command;
import io.sallyport.format.Expression;
import io.sallyport.format.Expression.Relation;
import io.sallyport.format.FieldValues;
import io.sallyport.format.Operator;
import io.sallyport.net.RegexMatch;
import io.sallyport.outcome.RequestFacts;
import org.jspecify.annotations.Nullable;

/// Evaluates an expression on one request. Null stands for CEL's error: a value that is not there.
public final class ExpressionValues {
    private final CelExpression expression;
    private final RequestFacts facts;
    private final FieldValues fields;

    private ExpressionValues(CelExpression expression, RequestFacts facts, FieldValues fields) {
        this.expression = expression;
        this.facts = facts;
        this.fields = fields;
    }

    /// Whether a condition holds; an error is no.
    ///
    /// @throws RegexMatch.TooCostlyException where a regular expression of it takes too long
    public static boolean holds(CelExpression condition, RequestFacts facts, FieldValues fields) {
        return Boolean.TRUE.equals(new ExpressionValues(condition, facts, fields).value(condition.root()));
    }

    /// What an expression says, as text; null where it is an error, or a regular expression of it takes too long.
    public static @Nullable String text(CelExpression expression, RequestFacts facts, FieldValues fields) {
        try {
            return text(new ExpressionValues(expression, facts, fields).value(expression.root()));
        } catch (RegexMatch.TooCostlyException unknown) {
            return null;
        }
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private @Nullable Object value(Expression of) {
        return switch (of) {
            case Expression.Constant constant -> constant.value();
            case Expression.Attribute attribute -> attribute(attribute);
            case Expression.VerifiedClient _ -> facts.client.verified();
            case Expression.Has has -> attribute(has.attribute()) != null;
            case Expression.Not not -> value(not.operand()) instanceof Boolean truth ? !truth : null;
            case Expression.And and -> decided(and.left(), and.right(), false);
            case Expression.Or or -> decided(or.left(), or.right(), true);
            case Expression.Comparison comparison ->
                compare(comparison.relation(), value(comparison.left()), value(comparison.right()));
            case Expression.OneOf oneOf -> isOneOf(oneOf);
            case Expression.TextTest test -> test(test.at(), value(test.text()), value(test.part()));
            case Expression.Matches matches ->
                value(matches.text()) instanceof String text
                        ? RegexMatch.matcher(matches.pattern(), text).find()
                        : null;
            case Expression.Text conversion -> text(value(conversion.of()));
            case Expression.Choice choice ->
                value(choice.condition()) instanceof Boolean holds
                        ? value(holds ? choice.then() : choice.otherwise())
                        : null;
            case Expression.Size size ->
                value(size.text()) instanceof String text ? (long) text.codePointCount(0, text.length()) : null;
        };
    }

    /// One side alone decides by that truth, be the other one an error.
    private @Nullable Boolean decided(Expression left, Expression right, boolean by) {
        Object one = value(left);
        if (Boolean.valueOf(by).equals(one)) {
            return by;
        }
        Object other = value(right);
        if (Boolean.valueOf(by).equals(other)) {
            return by;
        }
        return one == null || other == null ? null : (Boolean) !by;
    }

    private @Nullable Object attribute(Expression.Attribute of) {
        Command command = expression.command(of);
        return switch (command.operator().gives()) {
            case NUMBER -> number(command);
            case ADDRESS -> AddressText.of(OperatorValues.address(command.operator(), facts));
            case TEXT, TIME -> {
                CharSequence text = OperatorValues.text(command, facts, fields);
                yield text == null || text.isEmpty() ? empty(command.operator(), text) : text.toString();
            }
        };
    }

    /// An empty text, where Envoy has one: a field that was sent empty, and attributes that are there without a value
    /// (`context.cc` of its expressions). Null where it has no value either.
    private @Nullable String empty(Operator operator, @Nullable CharSequence text) {
        boolean there =
                switch (operator) {
                    case REQ, RESP, TRAILER -> text != null;
                    case QUERY_PARAMS -> !facts.path.isEmpty();
                    case REQUESTED_SERVER_NAME -> true;
                    case UPSTREAM_TRANSPORT_FAILURE_REASON -> facts.destination.cluster() != null;
                    default -> false;
                };
        return there ? "" : null;
    }

    private @Nullable Long number(Command command) {
        long number = OperatorValues.number(command, facts);
        boolean absent = number < 0 || number == 0 && command.operator() == Operator.RESPONSE_CODE;
        return absent ? null : (Long) number;
    }

    private @Nullable Boolean isOneOf(Expression.OneOf oneOf) {
        Object value = value(oneOf.value());
        boolean complete = value != null;
        for (Expression each : oneOf.among()) {
            Object other = value(each);
            if (Boolean.TRUE.equals(compare(Relation.EQUAL, value, other))) {
                return true;
            }
            complete &= other != null;
        }
        return complete ? Boolean.FALSE : null;
    }

    private static @Nullable Boolean compare(Relation relation, @Nullable Object left, @Nullable Object right) {
        if (left == null || right == null) {
            return null;
        }
        int order = order(left, right);
        return switch (relation) {
            case EQUAL -> order == 0;
            case UNEQUAL -> order != 0;
            case LESS -> order < 0;
            case LESS_OR_EQUAL -> order <= 0;
            case GREATER -> order > 0;
            case GREATER_OR_EQUAL -> order >= 0;
        };
    }

    private static int order(Object left, Object right) {
        if (left instanceof Long one && right instanceof Long other) {
            return Long.compare(one, other);
        }
        if (left instanceof Number one && right instanceof Number other) {
            return Double.compare(one.doubleValue(), other.doubleValue());
        }
        return left instanceof Boolean one && right instanceof Boolean other
                ? Boolean.compare(one, other)
                : left.toString().compareTo(right.toString());
    }

    private static @Nullable Boolean test(
            Expression.TextTest.Place at, @Nullable Object value, @Nullable Object sought) {
        if (!(value instanceof String text) || !(sought instanceof String part)) {
            return null;
        }
        return switch (at) {
            case START -> text.startsWith(part);
            case END -> text.endsWith(part);
            case ANYWHERE -> text.contains(part);
        };
    }
}
