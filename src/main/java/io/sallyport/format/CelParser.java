package io.sallyport.format;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.sallyport.format.Expression.Attribute;
import io.sallyport.format.Expression.Constant;
import io.sallyport.format.Expression.Relation;
import io.sallyport.format.Expression.TextTest;
import io.sallyport.format.Expression.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Parses the subset of CEL: attributes, literals, comparisons, `&&`, `||`, `!`, `in`, `has`, `size`, `startsWith`,
/// `endsWith`, `contains`, `matches`, `string` and `? :`. Anything else is refused with its column.
final class CelParser {
    private static final int LONGEST = 8192;
    private static final int DEEPEST = 64;
    private static final String SUBSET =
            "; expressions have attributes, literals, comparisons, &&, ||, !, ? :, in, has, size, string, startsWith, endsWith, contains and matches";
    /// The longer ones first: one may begin with another.
    private static final List<Map.Entry<String, Relation>> RELATIONS = List.of(
            Map.entry("==", Relation.EQUAL),
            Map.entry("!=", Relation.UNEQUAL),
            Map.entry("<=", Relation.LESS_OR_EQUAL),
            Map.entry(">=", Relation.GREATER_OR_EQUAL),
            Map.entry("<", Relation.LESS),
            Map.entry(">", Relation.GREATER));

    private final String text;
    /// The operators of the attributes that were found, `%A%%B%`.
    private final StringBuilder operators = new StringBuilder();

    private final List<String> places = new ArrayList<>();
    private int at;
    private int depth;

    private CelParser(String text) {
        this.text = text;
    }

    static CelExpression parse(String text) throws FormatException {
        if (text.length() > LONGEST) {
            throw FormatException.at(LONGEST, "the expression is longer than " + LONGEST + " characters");
        }
        CelParser parser = new CelParser(text);
        Expression root = parser.whole();
        parser.blanks();
        if (parser.at < text.length()) {
            throw parser.unexpected();
        }
        return new CelExpression(text, root, FormatParser.headerValue(parser.operators.toString()));
    }

    private Expression whole() throws FormatException {
        int start = at;
        Expression condition = or();
        if (!takes("?")) {
            return condition;
        }
        condition(condition, start);
        deeper();
        Expression then = or();
        expect(":");
        int place = at;
        Expression otherwise = sameType(then, whole(), place);
        depth--;
        return new Expression.Choice(condition, then, otherwise);
    }

    private void deeper() throws FormatException {
        if (++depth > DEEPEST) {
            throw FormatException.at(at, "expressions stand in each other more than " + DEEPEST + " deep");
        }
    }

    private Expression or() throws FormatException {
        deeper();
        Expression left = and();
        while (takes("||")) {
            int place = at;
            left = new Expression.Or(condition(left, place), condition(and(), place));
        }
        depth--;
        return left;
    }

    private Expression and() throws FormatException {
        Expression left = relation();
        while (takes("&&")) {
            int place = at;
            left = new Expression.And(condition(left, place), condition(relation(), place));
        }
        return left;
    }

    private Expression relation() throws FormatException {
        blanks();
        int start = at;
        String key = keyOf();
        if (key != null) {
            return key(key, start);
        }
        Expression left = unary();
        blanks();
        int place = at;
        for (Map.Entry<String, Relation> each : RELATIONS) {
            if (takes(each.getKey())) {
                Relation relation = each.getValue();
                Expression right = sameType(left, unary(), place);
                if (left.type() == Type.BOOL && relation != Relation.EQUAL && relation != Relation.UNEQUAL) {
                    throw FormatException.at(place, "true and false have no order; write == or !=");
                }
                return new Expression.Comparison(relation, left, right);
            }
        }
        return takesWord("in") ? new Expression.OneOf(left, list(left)) : left;
    }

    /// The literal of `'name' in request.headers`; null, and nothing taken, for anything else.
    private @Nullable String keyOf() throws FormatException {
        int start = at;
        if (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"')) {
            String literal = string();
            if (takesWord("in")) {
                blanks();
                if (at < text.length() && text.charAt(at) != '[') {
                    return literal;
                }
            }
        }
        at = start;
        return null;
    }

    private Expression key(String name, int start) throws FormatException {
        int place = at;
        String map = name();
        String operator = CelAttributes.fields(map);
        if (operator == null) {
            throw FormatException.at(
                    place,
                    map + " is no map; in takes a list, or request.headers, response.headers, response.trailers");
        }
        return new Expression.Has(field(operator, name, start));
    }

    private List<Expression> list(Expression of) throws FormatException {
        blanks();
        if (!takes("[")) {
            throw FormatException.at(at, "a list follows in, as in ['a', 'b']");
        }
        List<Expression> elements = new ArrayList<>();
        do {
            blanks();
            elements.add(sameType(of, unary(), at));
        } while (takes(","));
        expect("]");
        return List.copyOf(elements);
    }

    private Expression unary() throws FormatException {
        blanks();
        int place = at;
        if (text.startsWith("!", at) && !text.startsWith("!=", at)) {
            at++;
            deeper();
            Expression not = new Expression.Not(condition(unary(), place));
            depth--;
            return not;
        }
        Expression value = primary();
        while (takes(".")) {
            value = call(value);
        }
        return value;
    }

    private Expression call(Expression target) throws FormatException {
        int place = at;
        String name = word();
        if (!takes("(")) {
            throw FormatException.at(place, name + " is no field that is known" + SUBSET);
        }
        blanks();
        int argumentAt = at;
        Expression result =
                switch (name) {
                    case "startsWith" -> test(TextTest.Place.START, target, place);
                    case "endsWith" -> test(TextTest.Place.END, target, place);
                    case "contains" -> test(TextTest.Place.ANYWHERE, target, place);
                    case "matches" -> new Expression.Matches(string(target, place), pattern(argumentAt));
                    case "size" -> new Expression.Size(string(target, place));
                    default -> throw FormatException.at(place, name + " is no function that is known" + SUBSET);
                };
        expect(")");
        return result;
    }

    private Expression test(TextTest.Place where, Expression target, int place) throws FormatException {
        return new TextTest(where, string(target, place), string(whole(), place));
    }

    private Pattern pattern(int place) throws FormatException {
        if (!(whole() instanceof Constant constant) || !(constant.value() instanceof String regex)) {
            throw FormatException.at(place, "matches takes a literal, as in matches('^/v[0-9]+/')");
        }
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw FormatException.at(place, "not a regular expression (RE2): " + e.getDescription());
        }
    }

    private Expression primary() throws FormatException {
        if (at == text.length()) {
            throw FormatException.at(at, "the expression ends where a value is needed");
        }
        char c = text.charAt(at);
        if (c == '(') {
            at++;
            Expression within = whole();
            expect(")");
            return within;
        }
        if (c == '\'' || c == '"') {
            return new Constant(Type.STRING, string());
        }
        if (c >= '0' && c <= '9' || c == '-') {
            return number();
        }
        if (!isLetter(c)) {
            throw unexpected();
        }
        return named();
    }

    private Expression named() throws FormatException {
        int start = at;
        String name = name();
        switch (name) {
            case "true" -> {
                return new Constant(Type.BOOL, true);
            }
            case "false" -> {
                return new Constant(Type.BOOL, false);
            }
            case "has" -> {
                expect("(");
                blanks();
                int place = at;
                Expression of = unary();
                expect(")");
                if (!(of instanceof Attribute attribute)) {
                    throw FormatException.at(place, "has takes an attribute, as in has(request.useragent)");
                }
                return new Expression.Has(attribute);
            }
            case "size" -> {
                expect("(");
                Expression of = string(whole(), start);
                expect(")");
                return new Expression.Size(of);
            }
            case "string" -> {
                expect("(");
                Expression of = whole();
                expect(")");
                return new Expression.Text(of);
            }
            case "connection.mtls" -> {
                return new Expression.VerifiedClient();
            }
            default -> {
                return attribute(name, start);
            }
        }
    }

    private Expression attribute(String name, int start) throws FormatException {
        int last = name.lastIndexOf('.');
        if (CelAttributes.fields(name) != null) {
            String operator = String.valueOf(CelAttributes.fields(name));
            expect("[");
            blanks();
            int place = at;
            if (at == text.length() || text.charAt(at) != '\'' && text.charAt(at) != '"') {
                throw FormatException.at(place, "the name of a field is needed, as in " + name + "['x-id']");
            }
            String key = string();
            expect("]");
            return field(operator, key, place);
        }
        String map = last < 0 ? null : CelAttributes.fields(name.substring(0, last));
        if (map != null) {
            return field(map, name.substring(last + 1), start);
        }
        String operator = CelAttributes.operator(name);
        if (operator == null) {
            throw FormatException.at(
                    start, name + " is not an attribute that is known; those are " + CelAttributes.alike(name));
        }
        return known(operator);
    }

    private Attribute field(String operator, String name, int place) throws FormatException {
        if (!name.matches("[!#$&'*+.^_`|~0-9A-Za-z-]+")) {
            throw FormatException.at(place, "\"" + name + "\" is not the name of a field");
        }
        return known(operator + "(" + name + ")");
    }

    private Attribute known(String operator) throws FormatException {
        int place = places.indexOf(operator);
        if (place < 0) {
            place = places.size();
            places.add(operator);
            operators.append('%').append(operator).append('%');
        }
        int end = operator.indexOf('(');
        Operator of = Operator.of(end < 0 ? operator : operator.substring(0, end), 0);
        return new Attribute(of.gives() == Operator.Gives.NUMBER ? Type.NUMBER : Type.STRING, place);
    }

    private Constant number() throws FormatException {
        int start = at++;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        String number = text.substring(start, at);
        try {
            Object value = number.indexOf('.') < 0 ? (Object) Long.valueOf(number) : (Object) Double.valueOf(number);
            return new Constant(Type.NUMBER, value);
        } catch (NumberFormatException e) {
            throw FormatException.at(start, number + " is not a number that is known, as 400 or 0.5");
        }
    }

    private String string() throws FormatException {
        int start = at;
        char quote = text.charAt(at++);
        var literal = new StringBuilder();
        while (at < text.length() && text.charAt(at) != quote) {
            char c = text.charAt(at++);
            literal.append(c == '\\' ? escaped() : c);
        }
        if (at == text.length()) {
            throw FormatException.at(start, "the string does not end");
        }
        at++;
        return literal.toString();
    }

    private char escaped() throws FormatException {
        char c = at < text.length() ? text.charAt(at++) : 0;
        return switch (c) {
            case '\\', '\'', '"', '?', '`' -> c;
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default ->
                throw FormatException.at(at - 2, "\\" + c + " is not known in strings; write \\\\ for a backslash");
        };
    }

    /// Words with points between them, up to a call of a function.
    private String name() throws FormatException {
        int start = at;
        word();
        while (at + 1 < text.length() && text.charAt(at) == '.' && isLetter(text.charAt(at + 1))) {
            int point = at++;
            word();
            if (at < text.length() && text.charAt(at) == '(') {
                at = point;
                break;
            }
        }
        return text.substring(start, at);
    }

    private String word() throws FormatException {
        int start = at;
        while (at < text.length() && (isLetter(text.charAt(at)) || at > start && Character.isDigit(text.charAt(at)))) {
            at++;
        }
        if (at == start) {
            throw unexpected();
        }
        return text.substring(start, at);
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private static Expression condition(Expression operand, int place) throws FormatException {
        return ofType(Type.BOOL, operand, place);
    }

    private static Expression string(Expression operand, int place) throws FormatException {
        return ofType(Type.STRING, operand, place);
    }

    private static Expression sameType(Expression left, Expression right, int place) throws FormatException {
        return ofType(left.type(), right, place);
    }

    private static Expression ofType(Type type, Expression operand, int place) throws FormatException {
        if (operand.type() != type) {
            throw FormatException.at(
                    place, operand.type().description + " stands where " + type.description + " is needed");
        }
        return operand;
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean takes(String symbol) {
        blanks();
        if (text.startsWith(symbol, at)) {
            at += symbol.length();
            return true;
        }
        return false;
    }

    private boolean takesWord(String word) {
        blanks();
        int end = at + word.length();
        if (text.startsWith(word, at) && (end == text.length() || !isLetter(text.charAt(end)))) {
            at = end;
            return true;
        }
        return false;
    }

    private void expect(String symbol) throws FormatException {
        if (!takes(symbol)) {
            throw at == text.length()
                    ? FormatException.at(at, symbol + " is missing at the end")
                    : FormatException.at(at, symbol + " is needed before \"" + text.charAt(at) + "\"");
        }
    }

    private FormatException unexpected() {
        return at == text.length()
                ? FormatException.at(at, "the expression ends where a name is needed")
                : FormatException.at(at, "\"" + text.charAt(at) + "\" is not understood here" + SUBSET);
    }
}
