using System.Text;

namespace TKA.Cli.Kubeconfigs;

/// <summary>The encodings kubectl reads: UTF-8, and UTF-16 with a byte order mark. What is written back has the encoding the file had.</summary>
/// <param name="encoding">Encoding of the text.</param>
/// <param name="mark">Byte order mark that is no part of the text.</param>
internal sealed class KubeconfigEncoding(Encoding encoding, byte[] mark)
{
    /// <summary>UTF-8. A byte order mark is part of the text, so that it stays.</summary>
    public static KubeconfigEncoding Utf8 { get; } = new(new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), []);

    /// <summary>The encoding of a file.</summary>
    public static KubeconfigEncoding Of(ReadOnlySpan<byte> content) => content switch
    {
        [0xFF, 0xFE, ..] => new(new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true), [0xFF, 0xFE]),
        [0xFE, 0xFF, ..] => new(new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true), [0xFE, 0xFF]),
        _ => Utf8,
    };

    /// <summary>The text of a file.</summary>
    /// <exception cref="DecoderFallbackException">The bytes are no text in this encoding.</exception>
    public string Decode(byte[] content) => encoding.GetString(content, mark.Length, content.Length - mark.Length);

    /// <summary>A text as the bytes of a file.</summary>
    public byte[] Encode(string text) => [.. mark, .. encoding.GetBytes(text)];
}
