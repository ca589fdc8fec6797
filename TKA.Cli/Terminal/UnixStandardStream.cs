using System.Runtime.InteropServices;

namespace TKA.Cli.Terminal;

/// <summary>
/// A standard stream, written with write(2) and nothing else. The one of <see cref="Console"/> first sends escape sequences to a
/// terminal; a <see cref="FileStream"/> writes at positions of its own, over what others wrote to the same file.
/// </summary>
/// <param name="descriptor">1 or 2.</param>
internal sealed partial class UnixStandardStream(int descriptor) : Stream
{
    private const int Interrupted = 4;
    private const int TryAgain = 11;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    /// <exception cref="IOException">The reader is gone, or the terminal, or the disk is full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var written = WriteDescriptor(descriptor, in MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case TryAgain or 35:
                    // Somebody made the pipe non-blocking; 35 is macOS' number for it.
                    Thread.Yield();
                    break;
                case var error:
                    throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteDescriptor(int descriptor, in byte buffer, nuint count);
}
