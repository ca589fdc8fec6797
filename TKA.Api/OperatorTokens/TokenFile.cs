namespace TKA.Api.OperatorTokens;

/// <summary>
/// A token that the kubelet keeps fresh in a file. Read again when the file changes, which costs one stat per use; the
/// file is opened each time because the kubelet swaps a symbolic link, whose own time never changes.
/// </summary>
internal sealed class TokenFile(string path)
{
    private const int MaxLength = 64 * 1024;

    private volatile Content? _content;

    /// <summary>The token as the file has it now.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public string Read()
    {
        using var handle = File.OpenHandle(path);
        var written = File.GetLastWriteTimeUtc(handle);
        var length = RandomAccess.GetLength(handle);
        if (_content is { } known && known.Written == written && known.Length == length)
        {
            return known.Token;
        }

        if (length is 0 or > MaxLength)
        {
            throw new IOException($"{path} has {length} bytes and holds no token.");
        }

        var bytes = new byte[length];
        var read = RandomAccess.Read(handle, bytes, 0);
        var token = System.Text.Encoding.ASCII.GetString(bytes.AsSpan(0, read)).Trim();
        _content = new Content(token, written, length);
        return token;
    }

    private sealed record Content(string Token, DateTime Written, long Length);
}
