namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Parses an expression and expands macros (grammar of the CEL language definition).</summary>
internal sealed class CelParser
{
    private const int MaximumDepth = 250;

    private static readonly string[][] BinaryLevels = [["<", "<=", ">", ">=", "==", "!=", "in"], ["+"]];

    private readonly string _source;
    private readonly IReadOnlyList<CelToken> _tokens;
    private int _next;
    private int _depth;

    private CelParser(string source)
    {
        _source = source;
        _tokens = new CelLexer(source).Read();
    }

    /// <summary>Parses one expression.</summary>
    /// <exception cref="CelException">It is not CEL.</exception>
    public static CelNode Parse(string source)
    {
        var parser = new CelParser(source);
        var node = parser.Expression();
        return parser.Current.Kind == CelTokenKind.End ? node : throw parser.Unexpected();
    }

    private CelToken Current => _tokens[_next];

    private CelNode Expression()
    {
        if (++_depth > MaximumDepth)
        {
            throw CelException.At(_source, Current.Position, "expression recursion limit exceeded: 250");
        }

        var condition = Or();
        if (Accept("?", out var position))
        {
            var then = Or();
            Expect(":");
            condition = new CelConditional(position, condition, then, Expression());
        }

        _depth--;
        return condition;
    }

    private CelNode Or()
    {
        var left = And();
        while (Accept("||", out var position))
        {
            left = new CelLogical(position, IsAnd: false, left, And());
        }

        return left;
    }

    private CelNode And()
    {
        var left = Binary(0);
        while (Accept("&&", out var position))
        {
            left = new CelLogical(position, IsAnd: true, left, Binary(0));
        }

        return left;
    }

    private CelNode Binary(int level)
    {
        if (level == BinaryLevels.Length)
        {
            return Unary();
        }

        var left = Binary(level + 1);
        while (Current.Kind is CelTokenKind.Punctuation or CelTokenKind.Keyword && BinaryLevels[level].Contains(Current.Text))
        {
            var sign = Take();
            left = new CelCall(sign.Position, $"_{sign.Text}_", null, [left, Binary(level + 1)]);
        }

        return left;
    }

    private CelNode Unary()
    {
        if (Current is not { Kind: CelTokenKind.Punctuation, Text: "!" or "-" })
        {
            return Member();
        }

        var sign = Take();
        if (++_depth > MaximumDepth)
        {
            throw CelException.At(_source, sign.Position, "expression recursion limit exceeded: 250");
        }

        var operand = sign.Text == "-" ? Member(NegativeLiteral()) : new CelCall(sign.Position, "!_", null, [Unary()]);
        _depth--;
        return operand;
    }

    private CelLiteral NegativeLiteral() => Current switch
    {
        { Value: long value } => new(Take().Position, -value),
        { Value: double value } => new(Take().Position, -value),
        _ => throw Unexpected(),
    };

    private CelNode Member(CelNode? node = null)
    {
        node ??= Primary();
        while (true)
        {
            if (Accept(".", out _))
            {
                var name = Identifier();
                if (name.Text.Contains("__", StringComparison.Ordinal))
                {
                    throw CelException.At(_source, name.Position, "the embedded cluster does not implement escaped names");
                }

                node = Current is { Kind: CelTokenKind.Punctuation, Text: "(" }
                    ? Method(node, name)
                    : new CelSelect(name.Position, node, name.Text, Test: false);
            }
            else if (Accept("[", out var position))
            {
                node = new CelIndex(position, node, Expression());
                Expect("]");
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode Primary()
    {
        var token = Current;
        if (token.Kind == CelTokenKind.Literal)
        {
            return new CelLiteral(Take().Position, token.Value);
        }

        if (Accept("(", out _))
        {
            var inner = Expression();
            Expect(")");
            return inner;
        }

        if (Accept("[", out _))
        {
            return List(token.Position);
        }

        Accept(".", out _);
        var name = Identifier();
        if (CelNames.Reserved.Contains(name.Text))
        {
            throw CelException.At(_source, name.Position, $"reserved identifier: {name.Text}");
        }

        return Current is { Kind: CelTokenKind.Punctuation, Text: "(" } ? FunctionOrHas(name) : new CelIdentifier(name.Position, name.Text);
    }

    private CelNode FunctionOrHas(CelToken name)
    {
        var arguments = Arguments();
        return name.Text == "has" ? Has(name, arguments) : new CelCall(name.Position, name.Text, null, arguments);
    }

    private CelSelect Has(CelToken name, List<CelNode> arguments) =>
        arguments is [CelSelect { Test: false } select]
            ? select with { Test = true }
            : throw CelException.At(_source, name.Position, "invalid argument to has() macro");

    private CelNode Method(CelNode target, CelToken name)
    {
        var arguments = Arguments();
        CelMacro? macro = (name.Text, arguments.Count) switch
        {
            ("all", 2) => CelMacro.All,
            ("exists", 2) => CelMacro.Exists,
            ("exists_one" or "existsOne", 2) => CelMacro.ExistsOne,
            ("map", 2 or 3) => CelMacro.Map,
            ("filter", 2) => CelMacro.Filter,
            _ => null,
        };
        if (macro is null)
        {
            return new CelCall(name.Position, name.Text, target, arguments);
        }

        if (arguments[0] is not CelIdentifier variable)
        {
            throw CelException.At(_source, arguments[0].Position, "argument must be a simple name");
        }

        return new CelComprehension(name.Position, macro.Value, target, variable.Name, arguments.Count == 3 ? arguments[1] : null, arguments[^1]);
    }

    private List<CelNode> Arguments()
    {
        Expect("(");
        var arguments = new List<CelNode>();
        if (Accept(")", out _))
        {
            return arguments;
        }

        do
        {
            arguments.Add(Expression());
        }
        while (Accept(",", out _));
        Expect(")");
        return arguments;
    }

    private CelListLiteral List(int position)
    {
        var items = new List<CelNode>();
        while (!Accept("]", out _))
        {
            items.Add(Expression());
            if (Accept(",", out _))
            {
                continue;
            }

            Expect("]");
            break;
        }

        return new CelListLiteral(position, items);
    }

    private CelToken Identifier() => Current.Kind == CelTokenKind.Identifier ? Take() : throw Unexpected();

    private CelToken Take() => _tokens[_next++];

    private bool Accept(string sign, out int position)
    {
        position = Current.Position;
        if (Current.Kind != CelTokenKind.Punctuation || Current.Text != sign)
        {
            return false;
        }

        _next++;
        return true;
    }

    private void Expect(string sign)
    {
        if (!Accept(sign, out _))
        {
            throw Unexpected($", expecting '{sign}'");
        }
    }

    private CelException Unexpected(string hint = "") =>
        CelException.At(_source, Current.Position, $"Syntax error: mismatched input '{Current.Text}'{hint}");
}
