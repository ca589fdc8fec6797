namespace TKA.Cli.Output;

/// <summary>Values of <c>--output</c>.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>JSON, indented.</summary>
    Json,

    /// <summary>YAML of the same shape as JSON.</summary>
    Yaml,

    /// <summary>Names only, one a line.</summary>
    Name,
}
