using System.Text;
using Spectre.Console;

namespace TKA.Cli.Terminal;

/// <summary>
/// Standard output and error, UTF-8 and unbuffered. <see cref="Console.Out"/> is not used: on a terminal it switches modes and
/// sends escape sequences, which is slow and wrong for output that shall be plain.
/// </summary>
internal static class StandardStreams
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static TextWriter? OpenedOut;
    private static TextWriter? OpenedError;

    /// <summary>Standard output.</summary>
    public static TextWriter Out => OpenedOut ??= Open(OpenOut());

    /// <summary>Standard error.</summary>
    public static TextWriter Error => OpenedError ??= Open(OperatingSystem.IsWindows() ? Console.OpenStandardError() : new UnixStandardStream(2));

    /// <summary>Standard output for bytes.</summary>
    public static Stream OpenOut() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new UnixStandardStream(1);

    private static StreamWriter Open(Stream stream) => new(stream, Utf8) { AutoFlush = true };
}

/// <summary>A standard stream for Spectre.Console, with what is known about it already.</summary>
/// <param name="writer">The stream.</param>
/// <param name="isTerminal">It is a terminal.</param>
/// <param name="width">Columns.</param>
internal sealed class StandardOutput(TextWriter writer, bool isTerminal, int width) : IAnsiConsoleOutput
{
    /// <inheritdoc/>
    public TextWriter Writer { get; } = writer;

    /// <inheritdoc/>
    public bool IsTerminal { get; } = isTerminal;

    /// <inheritdoc/>
    public int Width { get; } = width;

    /// <inheritdoc/>
    public int Height => 24;

    /// <inheritdoc/>
    public void SetEncoding(Encoding encoding)
    {
    }
}
