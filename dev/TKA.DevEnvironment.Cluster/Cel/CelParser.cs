namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Parses an expression (grammar of the CEL language definition).</summary>
internal sealed class CelParser
{
    private const int MaximumDepth = 250;

    /// <summary>Binary operators, those that bind least first.</summary>
    private static readonly string[][] Levels = [["||"], ["&&"], ["<", "<=", ">", ">=", "==", "!=", "in"], ["+"]];

    private readonly CelTokens _tokens;
    private int _depth;

    private CelParser(string source) => _tokens = new CelTokens(source);

    /// <summary>Parses one expression.</summary>
    /// <exception cref="CelException">It is not CEL.</exception>
    public static CelNode Parse(string source)
    {
        var parser = new CelParser(source);
        var node = parser.Expression();
        return parser._tokens.Current.Kind == CelTokenKind.End ? node : throw parser._tokens.Unexpected();
    }

    private CelNode Expression()
    {
        if (++_depth > MaximumDepth)
        {
            throw _tokens.Error(_tokens.Current.Position, "expression recursion limit exceeded: 250");
        }

        var condition = Binary(0);
        if (_tokens.Accept("?", out var position))
        {
            var then = Binary(0);
            _tokens.Expect(":");
            condition = new CelConditional(position, condition, then, Expression());
        }

        _depth--;
        return condition;
    }

    private CelNode Binary(int level)
    {
        if (level == Levels.Length)
        {
            return Unary();
        }

        var left = Binary(level + 1);
        while (_tokens.Current.Kind is CelTokenKind.Punctuation or CelTokenKind.Keyword && Levels[level].Contains(_tokens.Current.Text))
        {
            var sign = _tokens.Take();
            var right = Binary(level + 1);
            left = sign.Text is "||" or "&&"
                ? new CelLogical(sign.Position, sign.Text == "&&", left, right)
                : new CelCall(sign.Position, $"_{sign.Text}_", null, [left, right]);
        }

        return left;
    }

    private CelNode Unary()
    {
        if (_tokens.Current is not { Kind: CelTokenKind.Punctuation, Text: "!" or "-" })
        {
            return Member();
        }

        var sign = _tokens.Take();
        if (++_depth > MaximumDepth)
        {
            throw _tokens.Error(sign.Position, "expression recursion limit exceeded: 250");
        }

        var operand = sign.Text == "-" ? Member(NegativeLiteral()) : new CelCall(sign.Position, "!_", null, [Unary()]);
        _depth--;
        return operand;
    }

    private CelLiteral NegativeLiteral() => _tokens.Current.Value is long value ? new(_tokens.Take().Position, -value) : throw _tokens.Unexpected();

    private CelNode Member(CelNode? node = null)
    {
        node ??= Primary();
        while (true)
        {
            if (_tokens.Accept(".", out _))
            {
                var name = _tokens.Identifier();
                if (name.Text.Contains("__", StringComparison.Ordinal))
                {
                    throw _tokens.Error(name.Position, "the embedded cluster does not implement escaped names");
                }

                node = _tokens.IsNext("(")
                    ? CelMacros.Method(node, name, Arguments(), _tokens)
                    : new CelSelect(name.Position, node, name.Text, Test: false);
            }
            else if (_tokens.Accept("[", out var position))
            {
                node = new CelIndex(position, node, Expression());
                _tokens.Expect("]");
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode Primary()
    {
        var token = _tokens.Current;
        if (token.Kind == CelTokenKind.Literal)
        {
            return new CelLiteral(_tokens.Take().Position, token.Value);
        }

        if (_tokens.Accept("(", out _))
        {
            var inner = Expression();
            _tokens.Expect(")");
            return inner;
        }

        if (_tokens.Accept("[", out _))
        {
            return new CelListLiteral(token.Position, Items("]", trailingComma: true));
        }

        _tokens.Accept(".", out _);
        var name = _tokens.Identifier();
        if (CelNames.Reserved.Contains(name.Text))
        {
            throw _tokens.Error(name.Position, $"reserved identifier: {name.Text}");
        }

        return _tokens.IsNext("(") ? CelMacros.Function(name, Arguments(), _tokens) : new CelIdentifier(name.Position, name.Text);
    }

    private List<CelNode> Arguments()
    {
        _tokens.Expect("(");
        return Items(")", trailingComma: false);
    }

    private List<CelNode> Items(string end, bool trailingComma)
    {
        var items = new List<CelNode>();
        while (!_tokens.Accept(end, out _))
        {
            if (items.Count > 0)
            {
                _tokens.Expect(",");
                if (trailingComma && _tokens.Accept(end, out _))
                {
                    break;
                }
            }

            items.Add(Expression());
        }

        return items;
    }
}
